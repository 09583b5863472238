import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PlainRunner } from "./fakes/plain-runner.ts";
import { collect, only, Workbench } from "./fakes/workbench.ts";

const call = (name: string, input: object) => ({ name, input });

test("what a rule denies to read is in no answer of a search either (FT-07)", async () => {
  await using bench = new Workbench();
  writeFileSync(join(bench.projectRoot, ".env"), "TOKEN=secret\n");
  writeFileSync(join(bench.projectRoot, "open.txt"), "TOKEN=none\n");
  bench.store.addPermissionRule(bench.projectRoot, { verdict: "deny", text: "Read(.env)" }, 1);
  const searches = [
    call("Grep", { pattern: "TOKEN" }),
    call("Grep", { pattern: "TOKEN", path: ".env" }),
    call("Glob", { pattern: "**" }),
    call("List", {}),
    call("Read", { path: ".ENV" }),
  ];
  const runner = new PlainRunner({ cwd: bench.projectRoot });
  const { session } = await bench.open([{ calls: searches }, { text: "ok" }], { runner });

  const ends = only(await collect(session, "search"), "tool-call-end");
  const [lines, direct, names, list, read] = ends.toSorted((left, right) => (left.callId < right.callId ? -1 : 1));
  expect(lines?.text).toBe("open.txt:1:TOKEN=none");
  expect(direct?.text).toContain("the rule deny Read(.env)");
  expect(names?.text).toBe("open.txt");
  expect(list?.text).toContain(".env [protected]");
  expect(read?.outcome).toBe("blocked");
});

test("a file that a rule denies to change saves the directory around it from being deleted", async () => {
  await using bench = new Workbench();
  const { session: first } = await bench.open([
    { calls: [call("Write", { path: "keep/it", content: "x" })] },
    { text: "ok" },
  ]);
  await collect(first, "write");
  bench.store.addPermissionRule(bench.projectRoot, { verdict: "deny", text: "Edit(keep/it)" }, 1);
  bench.store.addPermissionRule(bench.projectRoot, { verdict: "allow", text: "Delete" }, 1);
  const { session } = await bench.open([
    { calls: [call("Delete", { path: "keep", recursive: true })] },
    { text: "ok" },
  ]);

  const [deletion] = only(await collect(session, "delete"), "tool-call-end");
  expect(deletion?.text).toContain("the rule deny Edit(keep/it)");
});
