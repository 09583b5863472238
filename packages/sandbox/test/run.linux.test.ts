import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTestSandbox } from "./open-test-sandbox.ts";

test("a command writes its project, shares a private /tmp with the next one, and leaves nothing on the host", async () => {
  await using it = await openTestSandbox();
  const name = `koda-${process.pid}-shared`;
  expect((await it.sh(`echo one > a.txt; echo two > /tmp/${name}`)).exitCode).toBe(0);
  expect((await it.sh(`cat /tmp/${name}`)).output).toBe("two\n");
  expect(readFileSync(join(it.project, "a.txt"), "utf8")).toBe("one\n");
  expect(existsSync(`/tmp/${name}`)).toBe(false);
});

test.each(["with space", "new\nline", "q'uo\"te", "ünïcødé", "-dash", "$(x)"])(
  "a project named %j works",
  async (projectName) => {
    await using it = await openTestSandbox({ projectName });
    const result = await it.sh(
      "pwd; echo x > a && git add a && git -c user.name=a -c user.email=a@b commit -qm x && mv .git b",
    );
    expect(result.output).toContain(`${it.project}\n`);
    expect(existsSync(join(it.project, ".git/refs/heads"))).toBe(true);
    expect(existsSync(join(it.project, "a"))).toBe(true);
  },
);

test("an unlisted host is refused with a 403 and told as a violation of that very call", async () => {
  await using it = await openTestSandbox();
  const [first, second] = await Promise.all([
    it.sh("curl -sS https://example.test", { clientId: "first" }),
    it.sh("true", { clientId: "second" }),
  ]);
  expect(first.output).toContain("403");
  expect(first.violations[0]?.message).toMatch(/^example\.test:443 was refused: .*koda allow example\.test$/);
  expect(second.violations).toEqual([]);
});

test("a listed host is reached through the proxy, and the connection is recorded under the call", async () => {
  const server = createServer((_, response) => response.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // TCP: not a pipe name
  try {
    await using it = await openTestSandbox({ rules: { allowPrivate: [`site.test:${port}`] } });
    const seen: unknown[] = [];
    it.sandbox.subscribe((event) => seen.push([event.kind, event.clientId, event.host]));
    const viaHttp = await it.sh(`curl -sS http://site.test:${port}/`);
    const viaSocks = await it.sh(`curl -sS --proxy "$ALL_PROXY" http://site.test:${port}/`, { clientId: "call-2" });
    expect([viaHttp.output, viaSocks.output]).toEqual(["hello", "hello"]);
    expect(seen).toContainEqual(["open", "call-1", "site.test"]);
    expect(seen).toContainEqual(["open", "call-2", "site.test"]);
  } finally {
    server.close();
  }
});

test("at the time limit the tree gets TERM, then KILL; output so far is kept", async () => {
  await using it = await openTestSandbox();
  const polite = await it.sh("trap 'echo bye; exit 3' TERM; echo hi; sleep 60 & wait", { timeoutMs: 150 });
  expect(polite).toMatchObject({ isTimedOut: true, output: "hi\nbye\n" });
  const deaf = await it.sh("trap '' TERM; echo hi; while :; do sleep 60; done", { timeoutMs: 150 });
  expect(deaf).toMatchObject({ isTimedOut: true, output: "hi\n", exitCode: null, signal: "SIGKILL" });
});

test("abort ends the whole tree, detached processes too, and rejects with the reason", async () => {
  await using it = await openTestSandbox();
  const controller = new AbortController();
  const marker = `koda-abort-${process.pid}`;
  const onOutput = (): void => controller.abort(new Error("enough"));
  const run = it.sh(`setsid bash -c 'trap "" TERM; exec -a ${marker} sleep 60' & echo ready; wait`, {
    signal: controller.signal,
    onOutput,
  });
  await expect(run).rejects.toThrow("enough");
  expect(isRunning(marker)).toBe(false);
});

test("a spawned process reports what was undone, also when it is killed", async () => {
  await using it = await openTestSandbox();
  const argv = ["sh", "-c", "echo x > .envrc; echo ready; sleep 60"] as const;
  const started = it.sandbox.spawn({ argv, clientId: "server", isReadOnly: false });
  await once(started.stdout ?? process.stdin, "data");
  await started.kill();
  expect(await started.undone).toEqual([{ kind: "file", message: expect.stringMatching(/\.envrc".*moved to/) }]);
  expect(existsSync(join(it.project, ".envrc"))).toBe(false);
});

test("a listener for output that throws harms neither the command nor its result", async () => {
  await using it = await openTestSandbox();
  const onOutput = (): void => {
    throw new Error("listener");
  };
  expect(await it.sh("echo one; sleep 0.05; echo two", { onOutput })).toMatchObject({
    output: "one\ntwo\n",
    exitCode: 0,
  });
});

test("disposing ends what was spawned, and nothing starts any more", async () => {
  await using it = await openTestSandbox();
  const started = it.sandbox.spawn({ argv: ["cat"], clientId: "server", isReadOnly: false });
  started.stdin?.write("ping\n");
  expect(String((await once(started.stdout ?? process.stdin, "data"))[0])).toBe("ping\n");
  await it.sandbox[Symbol.asyncDispose]();
  expect(await started.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
  await expect(it.sh("true")).rejects.toMatchObject({ code: "spawn_failed" });
});

test("nothing of the kernel is writable, for root neither (LF-18)", async () => {
  await using it = await openTestSandbox();
  // A write to /proc/pressure only sets up a notification for its own descriptor.
  const found = await it.sh(
    "find /proc/[a-z]* -maxdepth 4 -path '/proc/*self' -prune -o -path /proc/net -prune -o -path /proc/mounts -prune -o -path /proc/pressure -prune -o -writable -type f -print 2>/dev/null; true",
  );
  expect(found.output).toBe("");
  const same = await it.sh('v=$(cat /proc/sys/vm/swappiness) && echo "$v" > /proc/sys/vm/swappiness');
  expect(same.exitCode).not.toBe(0);
});

test("a NUL in a variable or a directory does not become options of the sandbox", async () => {
  await using it = await openTestSandbox();
  const injected = `x\0--bind\0${it.home}\0${it.home}`;
  await expect(it.sh("true", { env: { A: injected } })).rejects.toMatchObject({ code: "spawn_failed" });
  await expect(it.sh("true", { cwd: injected })).rejects.toMatchObject({ code: "spawn_failed" });
});

test.each([
  [{ argv: ["no-such-program"] as const }, /no-such-program.*(?:No such file|Permission denied)/],
  [{ cwd: "/no-such-directory" }, /no-such-directory.*No such file/],
  [{ argv: ["echo", "x".repeat(200_000)] as const }, /E2BIG/],
  [{ argv: ["echo", "a\0b"] as const }, /null byte/],
])("a command that cannot be started says why", async (request, why) => {
  await using it = await openTestSandbox();
  await expect(it.sh("true", request)).rejects.toMatchObject({
    code: "spawn_failed",
    message: expect.stringMatching(why),
  });
});

test("a time limit beyond what a timer can count is no limit of 1 ms", async () => {
  await using it = await openTestSandbox();
  expect(await it.sh("sleep 0.1", { timeoutMs: Number.POSITIVE_INFINITY })).toMatchObject({
    isTimedOut: false,
    exitCode: 0,
  });
});

test("output beyond the limit keeps head and true tail", async () => {
  await using it = await openTestSandbox();
  const result = await it.sh("seq 1 20000", { maxOutputBytes: 1000 });
  expect(result.output).toMatch(/^1\n2\n/);
  expect(result.output).toMatch(/\n20000\n$/);
  expect(result.droppedBytes).toBeGreaterThan(100_000);
});

test("commands run at once without disturbing each other", async () => {
  await using it = await openTestSandbox();
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, index) => it.sh(`echo ${index}`, { clientId: `c${index}` })),
  );
  expect(results.map((result) => result.output)).toEqual(results.map((_, index) => `${index}\n`));
});

function isRunning(name: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`${name}\0`);
    } catch {
      return false; // ended meanwhile
    }
  });
}
