import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const path = join(tmpdir(), "koda-test-data-");
let made = "";

/** Programs that tests start keep Koda's data in a folder of the test run, not in the developer's home. */
export function setup() {
  made = mkdtempSync(path);
  process.env.KODA_HOME = made;
}

export function teardown() {
  rmSync(made, { recursive: true, force: true });
}
