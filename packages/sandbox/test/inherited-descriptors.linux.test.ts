import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withoutDescriptors } from "../src/linux/inherited-descriptors.ts";

test("a descriptor left open by whoever started this process is found, and closed before a command starts (LN-11)", () => {
  const secret = openSync("/etc/passwd", "r");
  try {
    const module = fileURLToPath(new URL("../src/linux/inherited-descriptors.ts", import.meta.url));
    const script = `const m = await import(${JSON.stringify(module)}); console.log(JSON.stringify(m.inheritedDescriptors()));`;
    const stdio = ["ignore", "pipe", "inherit", "ignore", "ignore", "ignore", "ignore", secret] as const;
    const found = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      stdio: [...stdio],
      encoding: "utf8",
    });
    expect(JSON.parse(found.stdout)).toContain(7);
    const [program, ...args] = withoutDescriptors(["/bin/ls", "/proc/self/fd"], [7], "/bin/bash");
    expect(spawnSync(program, args, { stdio: [...stdio], encoding: "utf8" }).stdout.split("\n")).not.toContain("7");
  } finally {
    closeSync(secret);
  }
});

test("without such descriptors nothing comes in between", () => {
  expect(withoutDescriptors(["/bin/ls", "-l"], [], "/bin/bash")).toEqual(["/bin/ls", "-l"]);
});
