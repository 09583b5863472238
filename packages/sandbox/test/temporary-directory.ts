import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of its own for one test; `using` removes it. */
export function temporaryDirectory(name = "koda-sandbox-"): Disposable & { readonly path: string } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), name)));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
