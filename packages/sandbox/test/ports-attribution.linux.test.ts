import { expect, test } from "vitest";
import { openTestSandbox, type TestSandbox } from "./open-test-sandbox.ts";
import { askPort, openServer, record, startInside } from "./port-rig.ts";

/** Asks a proxy without credentials, as Java and Maven do. */
const askHttp = (it: TestSandbox, host: string, more = ""): string =>
  `curl -sS --noproxy '' --proxy http://127.0.0.1:${it.sandbox.proxy?.port} ${more} http://${host}/`;
const askTunnel = (it: TestSandbox, host: string): string => askHttp(it, host, "--proxytunnel");
const askSocks = (it: TestSandbox, host: string): string =>
  `curl -sS --noproxy '' --proxy socks5h://127.0.0.1:${it.sandbox.socks5Proxy?.port} http://${host}/`;

test.each([
  ["a forwarded request", askHttp],
  ["a tunnel", askTunnel],
  ["SOCKS5", askSocks],
])(
  "%s without credentials is its command's: recorded under it, and a refusal is its violation alone",
  async (_, ask) => {
    await using it = await openTestSandbox();
    const { events } = record(it.sandbox);
    const [first, second, idle] = await Promise.all([
      it.sh(`sleep 0.2; ${ask(it, "one.test")}`, { clientId: "first" }),
      it.sh(`sleep 0.2; ${ask(it, "two.test")}`, { clientId: "second" }),
      it.sh("sleep 0.4", { clientId: "idle" }),
    ]);
    expect(events.map(({ kind, clientId, host }) => [kind, clientId, host]).sort()).toEqual([
      ["refused", "first", "one.test"],
      ["refused", "second", "two.test"],
    ]);
    expect(first.violations).toMatchObject([{ kind: "network", message: expect.stringContaining("one.test") }]);
    expect(second.violations).toMatchObject([{ kind: "network", message: expect.stringContaining("two.test") }]);
    expect(idle.violations).toEqual([]);
  },
);

test("every request of a connection that is kept is its command's, and what an allowed one moved too", async () => {
  await using server = await openServer((socket) => {
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
    socket.on("end", () => socket.end());
  });
  const host = `site.test:${server.port}`;
  await using it = await openTestSandbox({ rules: { allowPrivate: [host] } });
  const { events } = record(it.sandbox);
  const { output } = await it.sh(askHttp(it, host, `http://${host}/a http://${host}/b`));
  expect(output).toBe("hihihi");
  expect(events.filter(({ kind }) => kind === "open")).toHaveLength(3);
  expect(new Set(events.map(({ clientId }) => clientId))).toEqual(new Set(["call-1"]));
});

test("a process that left its parent and its session is still its command's", async () => {
  await using it = await openTestSandbox();
  const { events } = record(it.sandbox);
  const script = `(setsid sh -c '${askHttp(it, "far.test").replaceAll("'", `'\\''`)} > /tmp/done; echo end >> /tmp/done' &)
    until grep -q end /tmp/done 2>/dev/null; do sleep 0.02; done`;
  await it.sh(script, { clientId: "daemon" });
  expect(events).toMatchObject([{ kind: "refused", clientId: "daemon", host: "far.test" }]);
});

test("IPv6 sockets that connect to an IPv4 address, as Java's do, are found", async () => {
  await using it = await openTestSandbox();
  const { events } = record(it.sandbox);
  const script = `const socket = require("node:net").connect({ host: "::ffff:127.0.0.1", port: ${it.sandbox.proxy?.port} });
    socket.end("CONNECT mapped.test:443 HTTP/1.0\\r\\n\\r\\n"); socket.resume();`;
  await it.sandbox.run({
    argv: [process.execPath, "-e", script],
    clientId: "java",
    isReadOnly: false,
    timeoutMs: 20_000,
  });
  expect(events).toMatchObject([{ kind: "refused", clientId: "java", host: "mapped.test" }]);
});

test("a connection from another loopback address with a port number that a neighbour uses is not taken for the neighbour's", async () => {
  await using it = await openTestSandbox();
  const { events } = record(it.sandbox);
  const connectFrom = (address: string, then: string): string => `
    const socket = require("node:net").connect({
      host: "127.0.0.1", port: ${it.sandbox.proxy?.port}, localAddress: "${address}", localPort: 45678,
    });
    socket.on("connect", () => { ${then} }).resume();`;
  const neighbour = it.sandbox.spawn({
    argv: [process.execPath, "-e", connectFrom("127.0.0.1", 'console.log("there")')],
    clientId: "neighbour",
    isReadOnly: false,
  });
  await new Promise((resolve) => neighbour.stdout?.once("data", resolve));
  await it.sandbox.run({
    argv: [
      process.execPath,
      "-e",
      connectFrom("127.0.0.2", String.raw`socket.end("CONNECT evil.test:443 HTTP/1.0\r\n\r\n")`),
    ],
    clientId: "forger",
    isReadOnly: false,
    timeoutMs: 20_000,
  });
  expect(events).toMatchObject([{ kind: "refused", clientId: "forger", host: "evil.test" }]);
});

test("credentials decide where there are some: a command may act for another that gave it its own", async () => {
  await using it = await openTestSandbox();
  const { events } = record(it.sandbox);
  await it.sh("curl -sS http://shown.test", { clientId: "shown" });
  await it.sh(`curl -sS --proxy http://nobody:wrong@127.0.0.1:${it.sandbox.proxy?.port} http://wrong.test`);
  expect(events).toMatchObject([
    { clientId: "shown", host: "shown.test" },
    { clientId: null, host: "wrong.test", reason: "unknown credentials" },
  ]);
});

test("two commands that use one port of the host are told apart", async () => {
  await using server = await openServer((socket) => socket.end("hi\n"));
  await using it = await openTestSandbox();
  const { events } = record(it.sandbox);
  await it.sandbox.openHostPort(server.port);
  const knock = `for i in 1 2 3 4 5; do cat < /dev/tcp/127.0.0.1/${server.port}; done`;
  await Promise.all(["a", "b", "c"].map((clientId) => it.sh(knock, { clientId })));
  const owners = events.filter(({ kind }) => kind === "open").map(({ clientId }) => clientId);
  expect(owners.sort()).toEqual(["a", "a", "a", "a", "a", "b", "b", "b", "b", "b", "c", "c", "c", "c", "c"]);
});

test("a published port is its server's, though another command asks at the same time", async () => {
  await using it = await openTestSandbox();
  const { until } = record(it.sandbox);
  const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
  await using others = new AsyncDisposableStack();
  for (const [clientId, number] of [
    ["web", 3000],
    ["other", 3001],
  ] as const) {
    const script = `require("node:net").createServer((socket) => socket.end("hi")).listen(${number}, () => console.log("up"))`;
    const started = it.sandbox.spawn({ argv: [process.execPath, "-e", script], clientId, isReadOnly: false });
    others.defer(() => started.kill());
    await new Promise((resolve) => started.stdout?.once("data", resolve));
  }
  expect(await askPort(port.hostPort, "")).toBe("hi");
  expect(await until(({ kind }) => kind === "closed")).toMatchObject({ clientId: "web", protocol: "publish" });
});

test.each([[["decoy", "web"]], [["web", "decoy"]]])(
  "one that listens at the published port of another address than is served is not recorded, started as %j",
  async (order) => {
    await using it = await openTestSandbox();
    const { until } = record(it.sandbox);
    const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
    for (const clientId of order) {
      const address = clientId === "web" ? "127.0.0.1" : "127.0.0.9";
      const script = `require("node:net").createServer((socket) => socket.end("${clientId}"))
        .listen(3000, "${address}", () => console.log("up"))`;
      await startInside(it.sandbox, script, clientId);
    }
    expect(await askPort(port.hostPort, "")).toBe("web");
    expect(await until(({ kind }) => kind === "closed")).toMatchObject({ clientId: "web", protocol: "publish" });
  },
);
