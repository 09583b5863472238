import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { ConfinedProcess } from "../../src/confined-process.ts";
import { openSeatbelt, type Seatbelt } from "../../src/macos/open-seatbelt.ts";
import { createPolicy } from "../../src/policy/policy.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

/** Stands in for sandbox-exec, which is macOS's own: called as it would be, it does `script` with the command as its arguments. */
async function open(place: string, script: string): Promise<Seatbelt> {
  const program = join(place, "sandbox-exec");
  const check = `[ "$1" = -p ] && [ "$3" = -- ] || exit 99; profile=$2; shift 3`;
  writeFileSync(program, `#!/bin/bash\n${check}\n${script}\n`);
  chmodSync(program, 0o755);
  mkdirSync(join(place, "project"));
  const policy = createPolicy({ projectRoot: join(place, "project"), home: "/nowhere", limits: { cpuSeconds: 5 } });
  return openSeatbelt({ policy, environment: { PATH: "/usr/bin:/bin" }, proxyPorts: [4001], program });
}

const CONFINING = `case "$*" in *koda-outside*) set -- "\${@/*koda-outside*/\\/proc\\/none}";; esac; exec "$@"`;

const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => /^koda-(?:session|outside)-/.test(name));

test("what confines a command is believed in; its temporary directory goes with the session", async () => {
  using place = temporaryDirectory();
  const before = leftovers();
  let temporary = "";
  {
    using seatbelt = await open(place.path, CONFINING);
    if (seatbelt.kind !== "kernel") throw new Error(seatbelt.reason);
    expect(seatbelt.weakLimits).toEqual(["cpuSeconds is not enforced on macOS"]);
    temporary = seatbelt.temporaryDirectory;
    expect(existsSync(temporary)).toBe(true);
    const launch = seatbelt.launcher.prepare({
      argv: ["echo", "--", "$x"],
      cwd: "/",
      isReadOnly: false,
      env: { x: "y" },
    });
    expect(launch.command.slice(3)).toEqual(["--", "echo", "--", "$x"]);
    expect(launch.command[2]).toContain(`(subpath "${join("/private", place.path, "project")}")`);
    const started = new ConfinedProcess(launch, ["ignore", "pipe", "ignore"]);
    expect(started.stdout && (await text(started.stdout))).toBe("-- $x\n");
  }
  expect(existsSync(temporary)).toBe(false);
  expect(leftovers()).toEqual(before);
});

test.each([
  ["confines nothing", `exec "$@"`, /it wrote where it may not/],
  ["refuses every profile", "exit 65", /a trivial one ended with 65 \(inside another sandbox none can be made\)/],
  ["runs nothing", "exit 0", /it could not write its own temporary directory/],
])("what %s is not", async (_what, script, reason) => {
  using place = temporaryDirectory();
  const before = leftovers();
  using seatbelt = await open(place.path, script);
  expect(seatbelt).toMatchObject({ kind: "unavailable", reason: expect.stringMatching(reason) });
  expect(leftovers()).toEqual(before);
});
