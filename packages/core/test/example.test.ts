import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = join(import.meta.dirname, "../examples/embed-core/main.ts");

test("the embedding example holds what it says, and ends by itself", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--conditions=@koda/source", program]);
  expect(stderr).toBe("");
  expect(stdout).toMatchInlineSnapshot(`
    "store: conforms to the kit
    turn: turn-start step-start context-usage usage tool-call-start approval-request approval-end tool-call-end step-end step-start input-accepted context-usage text-delta usage step-end turn-end
    answer: DONE: PUBLISHED AS NOTE 1.
    kept: user assistant user assistant turn-end
    replay: DONE: PUBLISHED AS NOTE 1.
    export: 10 lines
    "
  `);
});
