import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Programs that tests start keep Koda's data in a folder of the test run, not in the developer's home. */
export default function setup() {
  const path = mkdtempSync(join(tmpdir(), "koda-test-data-"));
  process.env.KODA_HOME = path;
  return () => rmSync(path, { recursive: true, force: true });
}
