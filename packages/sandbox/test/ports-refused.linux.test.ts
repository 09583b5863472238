import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { createFilter } from "../src/filter/filter.ts";
import { openSandbox } from "../src/open-sandbox.ts";
import { createPolicy } from "../src/policy/policy.ts";
import { openTestSandbox } from "./open-test-sandbox.ts";
import { askPort, isOpen, openServer, startInside } from "./port-rig.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const refusal = (code: string, message: string | RegExp): unknown =>
  expect.objectContaining({ code, message: typeof message === "string" ? message : expect.stringMatching(message) });

test("a port that is taken on the side where it would listen is an error that says which, and leaves nothing open", async () => {
  await using taken = await openServer((socket) => socket.end());
  await using it = await openTestSandbox();
  const script = `require("node:net").createServer().listen(3000, "127.0.0.1", () => console.log("up"))`;
  await startInside(it.sandbox, script);
  await expect(it.sandbox.publishPort(taken.port)).rejects.toEqual(
    refusal("listen_failed", `port ${taken.port} of this machine is taken; name another on that side, as HOST:SANDBOX`),
  );
  await expect(it.sandbox.openHostPort(taken.port, { sandboxPort: 3000 })).rejects.toEqual(
    refusal("listen_failed", "port 3000 of the sandbox is taken; name another on that side, as HOST:SANDBOX"),
  );
  const open = await it.sandbox.openHostPort(taken.port, { sandboxPort: 5432 });
  await expect(it.sandbox.openHostPort(taken.port, { sandboxPort: 5432 })).rejects.toEqual(
    refusal("listen_failed", /^port 5432 of the sandbox is taken/),
  );
  expect(it.sandbox.ports).toEqual([open]);
});

test("a port that is taken at ::1 of the sandbox alone is refused too: half of its clients would reach another program", async () => {
  await using server = await openServer((socket) => socket.end());
  await using it = await openTestSandbox();
  const script = `require("node:net").createServer().listen(3000, "::1", () => console.log("up"))`;
  await startInside(it.sandbox, script);
  await expect(it.sandbox.openHostPort(server.port, { sandboxPort: 3000 })).rejects.toEqual(
    refusal("listen_failed", /^port 3000 of the sandbox is taken/),
  );
  const { output } = await it.sh("(: < /dev/tcp/127.0.0.1/3000) 2>/dev/null || echo closed");
  expect(output).toBe("closed\n");
});

test("privileged ports of the sandbox, and numbers that are no port, are refused", async () => {
  await using it = await openTestSandbox();
  await expect(it.sandbox.openHostPort(8080, { sandboxPort: 80 })).rejects.toEqual(
    refusal("listen_failed", /^port 80 of the sandbox is for privileged programs only; name one from 1024 on/),
  );
  await expect(it.sandbox.openHostPort(70_000)).rejects.toEqual(refusal("bad_port", /65535, not 70000$/));
  await expect(it.sandbox.publishPort(0)).rejects.toEqual(refusal("bad_port", /the sandbox's port must be/));
});

test("the proxies' own ports are neither replaced nor published", async () => {
  await using it = await openTestSandbox();
  for (const port of [it.sandbox.proxy?.port ?? 0, it.sandbox.socks5Proxy?.port ?? 0]) {
    const own = refusal("bad_port", `port ${port} of the sandbox is one of Koda's own proxies`);
    await expect(it.sandbox.openHostPort(8080, { sandboxPort: port })).rejects.toEqual(own);
    await expect(it.sandbox.publishPort(0, { sandboxPort: port })).rejects.toEqual(own);
  }
});

test("a port of the host is not opened to the sandbox that publishes it, nor the other way round", async () => {
  await using it = await openTestSandbox();
  const { hostPort } = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
  await expect(it.sandbox.openHostPort(hostPort, { sandboxPort: 3000 })).rejects.toEqual(
    refusal("bad_port", new RegExp(`^port ${hostPort} of this machine is in use for --publish ${hostPort}:3000$`)),
  );
  await using server = await openServer((socket) => socket.end());
  await it.sandbox.openHostPort(server.port);
  await expect(it.sandbox.publishPort(server.port)).rejects.toEqual(refusal("bad_port", /in use for --host-port/));
});

test("what a sandbox is opened with that cannot be is a warning, and the rest is open", async () => {
  await using taken = await openServer((socket) => socket.end("hello"));
  using place = temporaryDirectory();
  const sandboxWith = (port: number) =>
    openSandbox({
      policy: createPolicy({ projectRoot: place.path, home: place.path }),
      filter: createFilter({}),
      searchPath: process.env["PATH"] ?? "",
      environment: {},
      hostPorts: [{ hostPort: taken.port, sandboxPort: 5432 }],
      publishedPorts: [{ hostPort: port, sandboxPort: 3000 }],
    });
  await using sandbox = await sandboxWith(taken.port);
  expect(sandbox.warnings).toEqual([
    { code: "port_unavailable", message: expect.stringContaining(`port ${taken.port} of this machine`) },
  ]);
  expect(sandbox.ports).toMatchObject([{ kind: "host-port", sandboxPort: 5432 }]);
  await expect(sandboxWith(65_536)).rejects.toEqual(refusal("bad_port", /not 65536$/));
});

test("without the kernel's confinement there is nothing to open, and a warning says so", async () => {
  using place = temporaryDirectory();
  await using sandbox = await openSandbox({
    policy: createPolicy({ projectRoot: place.path, home: place.path }),
    filter: createFilter({}),
    searchPath: "/nonexistent",
    environment: {},
    hostPorts: [{ hostPort: 5432, sandboxPort: 5432 }],
  });
  expect(sandbox.enforcement).toBe("env-only");
  expect(sandbox.warnings).toContainEqual({
    code: "port_unavailable",
    message: expect.stringMatching(/^--host-port 5432:5432 opens nothing: commands are not confined/),
  });
  await expect(sandbox.publishPort(8080)).rejects.toEqual(refusal("unsupported_platform", /--publish 8080:8080/));
});

test("nothing is opened once the sandbox is closed, and what is being opened then is closed with it", async () => {
  const it = await openTestSandbox();
  const published = it.sandbox.publishPort(0, { sandboxPort: 3000 });
  await it[Symbol.asyncDispose]();
  expect(await isOpen((await published).hostPort)).toBe(false);
  await expect(it.sandbox.publishPort(0, { sandboxPort: 3000 })).rejects.toEqual(
    refusal("listen_failed", "the sandbox is closed"),
  );
});

test("an aborted opening rejects with the signal's reason and leaves nothing open", async () => {
  await using it = await openTestSandbox();
  const stop = new AbortController();
  const opening = it.sandbox.openHostPort(5432, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(opening).rejects.toThrow("enough");
  const { output } = await it.sh("(: < /dev/tcp/127.0.0.1/5432) 2>/dev/null || echo closed");
  expect(output).toBe("closed\n");
  expect(it.sandbox.ports).toEqual([]);
});

test("a port that was removed can be opened again", async () => {
  await using it = await openTestSandbox();
  const first = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
  await first[Symbol.asyncDispose]();
  const free = createServer().listen(first.hostPort, "127.0.0.1");
  await once(free, "listening");
  free.close();
  await once(free, "close");
  const again = await it.sandbox.publishPort(first.hostPort, { sandboxPort: 3000 });
  expect(again.hostPort).toBe(first.hostPort);
  expect(await askPort(again.hostPort, "x")).toBe("");
});
