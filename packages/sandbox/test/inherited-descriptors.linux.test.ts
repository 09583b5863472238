import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withoutDescriptors } from "../src/linux/inherited-descriptors.ts";

// 40: Node itself closes low ones for its children, up to the first gap above 15.
const OPENED = 'exec 40</etc/passwd; exec "$@"';

test("a descriptor left open by whoever started this process is found (LN-11)", () => {
  const module = fileURLToPath(new URL("../src/linux/inherited-descriptors.ts", import.meta.url));
  const script = `const m = await import(${JSON.stringify(module)}); console.log(JSON.stringify(m.inheritedDescriptors()));`;
  const args = ["-c", OPENED, "bash", process.execPath, "--input-type=module", "-e", script];
  const { stdout } = spawnSync("/bin/bash", args, { encoding: "utf8" });
  expect(JSON.parse(stdout)).toContain(40);
});

test("it is closed before a command starts", () => {
  const list = (command: readonly string[]): string[] =>
    spawnSync("/bin/bash", ["-c", OPENED, "bash", ...command], { encoding: "utf8" }).stdout.split("\n");
  expect(list(["/bin/ls", "/proc/self/fd"])).toContain("40");
  expect(list(withoutDescriptors(["/bin/ls", "/proc/self/fd"], [40], "/bin/bash"))).not.toContain("40");
});

test("without such descriptors nothing comes in between", () => {
  expect(withoutDescriptors(["/bin/ls", "-l"], [], "/bin/bash")).toEqual(["/bin/ls", "-l"]);
});
