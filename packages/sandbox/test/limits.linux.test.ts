import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ResourceLimits } from "../src/policy/limits.ts";
import { openTestSandbox } from "./open-test-sandbox.ts";

async function runWith(limits: Partial<ResourceLimits>, script: string) {
  await using it = await openTestSandbox({ limits });
  const result = await it.sh(script);
  return { ...result, warnings: it.sandbox.warnings.map(({ message }) => message), project: it.project };
}

const messages = (result: { readonly violations: readonly { readonly kind: string; readonly message: string }[] }) =>
  result.violations.filter(({ kind }) => kind === "limit").map(({ message }) => message);

test("a process that uses up its processor time is ended, and the violation says why [AV-11]", async () => {
  const result = await runWith({ cpuSeconds: 1 }, "while :; do :; done");
  expect(result.exitCode).not.toBe(0);
  expect(messages(result)).toEqual(["a process reached the limit of processor time"]);
});

test("no file grows beyond its limit [AV-12]", async () => {
  await using it = await openTestSandbox({ limits: { fileBytes: 100_000 } });
  await it.sh("head -c 300000 /dev/zero > large");
  expect(statSync(join(it.project, "large")).size).toBe(100_000);
});

test("descriptors end at their limit, and no command can raise a limit [AV-11]", async () => {
  const opened = 'for i in $(seq 3 100); do eval "exec $i</dev/null" || break; echo $i; done 2>/dev/null | tail -n 1';
  const { output } = await runWith({ openFiles: 32 }, `ulimit -n 64; ulimit -Hn; ${opened}`);
  expect(output).toMatch(/^bash: .*cannot modify limit.*\n32\n(?:2[0-9]|3[01])\n$/s);
});

test("one process cannot take more memory than its command may [AV-11]", async () => {
  const script = "perl -e '$x = \"a\" x 400_000_000; print length $x' 2>/dev/null";
  const unlimited = await runWith({}, script);
  expect(unlimited.output).toBe("400000000");
  const limited = await runWith({ memoryBytes: 200_000_000 }, script);
  expect(limited.exitCode).not.toBe(0);
  expect(limited.output).not.toContain("400000000");
});

test("processes of one command are bounded, or a warning says that they are not [AV-11]", async () => {
  const script = `perl -e 'for (1..200) { my $child = fork; last unless defined $child; push @all, $child; sleep 60 unless $child }
    print scalar(@all), "\n"; kill 9, @all'`;
  const { output, warnings } = await runWith({ processes: 40 }, script);
  const started = Number(/(\d+)\n$/.exec(output)?.[1]);
  if (warnings.some((message) => message.includes("processes is not enforced for root"))) expect(started).toBe(200);
  else expect(started).toBeLessThan(40);
});

test("no core is written, whatever the system's pattern says", async () => {
  const { output } = await runWith({}, "ulimit -c; ulimit -Hc");
  expect(output).toBe("0\n0\n");
});

test("a limit that was not asked for and cannot be enforced is no warning", async () => {
  const { warnings } = await runWith({}, "true");
  expect(warnings).toEqual([]);
});
