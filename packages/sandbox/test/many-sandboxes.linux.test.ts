import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openTestSandbox } from "./open-test-sandbox.ts";
import { eventually } from "./proxy/rig.ts";

const count = 50;

test("fifty sandboxes live in one process, each with its own /tmp, proxies, project and processes, and leave nothing", {
  timeout: 60_000,
}, async () => {
  const descriptors = readdirSync("/proc/self/fd").length;
  const children = listChildren();
  {
    await using stack = new AsyncDisposableStack();
    const opened = await Promise.all(Array.from({ length: count }, () => openTestSandbox()));
    for (const each of opened) stack.use(each);
    expect(new Set(opened.map(({ sandbox }) => sandbox.enforcement))).toEqual(new Set(["kernel"]));

    const results = await Promise.all(
      opened.map((each, index) =>
        each.sh(`[ ! -e /tmp/mine ] && echo ${index} | tee /tmp/mine > mine && ls -d /proc/[0-9]* | wc -l`),
      ),
    );
    expect(new Set(results.map(({ exitCode }) => exitCode))).toEqual(new Set([0]));
    expect(results.every(({ output }) => Number(output) < 10)).toBe(true); // of processes only its own

    const again = await Promise.all(opened.map((each) => each.sh("cat /tmp/mine mine")));
    expect(again.map(({ output }) => output)).toEqual(opened.map((_, index) => `${index}\n${index}\n`));

    const asked = opened.map((each, index) => each.sh(`curl -sS https://host-${index}.test`));
    const violations = (await Promise.all(asked)).map((result) => result.violations.map(({ message }) => message));
    violations.forEach((messages, index) => {
      expect(messages.filter((message) => message.includes(".test"))).toEqual([
        expect.stringContaining(`host-${index}.test:443 was refused`),
      ]);
    });
  }
  await eventually(() => readdirSync("/proc/self/fd").length <= descriptors);
  expect(listChildren()).toEqual(children);
});

function listChildren(): string[] {
  return readdirSync("/proc/self/task").flatMap((task) => readChildren(task));
}

function readChildren(task: string): string[] {
  const text = readFileSync(`/proc/self/task/${task}/children`, "utf8");
  return text.split(" ").filter((pid) => pid !== "");
}
