import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ToolBench } from "./fakes/tool-bench.ts";

// Only here may a name be any bytes; macOS refuses those that are not UTF-8.
test("a name that is not UTF-8 deep inside saves its whole tree from Delete", async () => {
  using bench = new ToolBench();
  mkdirSync(join(bench.root, "dir", "sub"), { recursive: true });
  for (let index = 0; index < 1_001; index++) writeFileSync(join(bench.root, "dir", `${index}`), "");
  writeFileSync(join(bench.root, "dir", "sub", "a"), "");
  const odd = Buffer.concat([Buffer.from(join(bench.root, "dir/sub/b")), Buffer.from([0xff])]);
  writeFileSync(odd, "x");
  const { text, isError } = await bench.call("Delete", { path: "dir", recursive: true });
  expect({ text, isError }).toEqual({
    text: "dir/sub holds a name that is not UTF-8 (b\\xff), which only a command can delete; nothing was deleted",
    isError: true,
  });
  expect(readdirSync(join(bench.root, "dir"))).toHaveLength(1_002);
  expect(readdirSync(join(bench.root, "dir/sub"))).toHaveLength(2);
});
