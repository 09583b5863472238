import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createFilter, type FilterRules } from "../../src/filter/filter.ts";
import { BuiltInProxy } from "../../src/proxy/built-in-proxy.ts";
import { toViolations } from "../../src/violations.ts";
import { echo, eventually, Host, openHttpRig, RawClient } from "./rig.ts";

const allow = (...hosts: string[]): { rules: { allowPrivate: string[] } } => ({ rules: { allowPrivate: hosts } });

test("an allowed CONNECT is one 200 without a length, then bytes both ways [HP-20]", async () => {
  await using host = await Host.open(echo);
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT A.test.:${host.port} HTTP/1.1\r\nHost: ignored.test\r\n\r\n`);
  expect(await client.until("\r\n\r\n")).toBe("HTTP/1.1 200 Connection Established\r\n\r\n");
  client.send("ping");
  expect(await client.until("ping")).toBe("ping");
  client.socket.end();
  expect(await client.rest()).toBe("");
  await eventually(() => rig.events.length === 2);
  const common = {
    id: 1,
    clientId: null,
    protocol: "http-connect",
    host: "a.test",
    port: host.port,
    address: "127.0.0.1",
  };
  expect(rig.events).toMatchObject([
    { ...common, kind: "open", reason: `allowed by the rule a.test:${host.port}` },
    { ...common, kind: "closed", reason: "both sides ended", bytesUp: 4, bytesDown: 4 },
  ]);
  expect(rig.resolved).toEqual(["a.test"]);
});

test("a denied name is refused without being resolved, in words that say how to allow it [HP-21]", async () => {
  await using rig = await openHttpRig(allow("a.test"));
  using client = await RawClient.open(rig.proxy);
  client.send("CONNECT b.test:443 HTTP/1.1\r\n\r\n");
  const { status, head, body } = await client.response();
  expect(status).toBe(403);
  expect(head).toContain("Content-Type: text/plain");
  expect(body).toMatchInlineSnapshot(`
    "Koda refused the connection to b.test port 443: no rule allows b.test.
    To allow it: koda allow b.test   (or: koda-sandbox with --allow b.test)
    "
  `);
  expect(rig.resolved).toEqual([]);
  expect(rig.events).toMatchObject([
    { kind: "refused", host: "b.test", reason: "no rule allows b.test", address: null },
  ]);
});

test("a refused connection carries the next request, many times [HP-01]", async () => {
  await using host = await Host.open(echo);
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  const warnings: unknown[] = [];
  const onWarning = (warning: unknown): void => void warnings.push(warning);
  process.on("warning", onWarning);
  using client = await RawClient.open(rig.proxy);
  for (let round = 0; round < 30; round += 1) {
    client.send("CONNECT b.test:443 HTTP/1.1\r\n\r\n");
    expect((await client.response()).status).toBe(403);
  }
  client.send("CONNECT b.test:443 HTTP/1.1\r\n\r\nGET http://b.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n");
  expect((await client.response()).status).toBe(403);
  expect((await client.response()).status).toBe(403);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\nhello`);
  expect((await client.response()).status).toBe(200);
  expect(await client.until("hello")).toBe("hello");
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});

test("bytes sent along with the request reach the host once, in order [HP-18]", async () => {
  await using host = await Host.open(echo);
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\nEARLY`).send("-late");
  await client.until("\r\n\r\n");
  expect(await client.until("EARLY-late")).toBe("EARLY-late");
});

test("a host that speaks first is heard first [HP-18]", async () => {
  await using host = await Host.open((socket) => socket.write("SSH-2.0-x\r\n"));
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await client.until("\r\n\r\n");
  expect(await client.until("\r\n")).toBe("SSH-2.0-x\r\n");
});

test("half-close: an answer after the client's end arrives, and the client may send after the host's end [HP-33]", async () => {
  await using late = await Host.open((socket) => {
    socket.resume().on("end", () => setTimeout(() => socket.end("late answer"), 30));
  });
  let received = "";
  await using early = await Host.open((socket) => {
    socket.end("bye");
    socket.on("data", (chunk) => {
      received += chunk;
    });
  });
  await using rig = await openHttpRig(allow(`a.test:${late.port}`, `a.test:${early.port}`));
  using first = await RawClient.open(rig.proxy);
  first.send(`CONNECT a.test:${late.port} HTTP/1.1\r\n\r\n`);
  await first.until("\r\n\r\n");
  first.socket.end("question");
  expect(await first.rest()).toBe("late answer");

  using second = await RawClient.open(rig.proxy);
  second.send(`CONNECT a.test:${early.port} HTTP/1.1\r\n\r\n`);
  await second.until("\r\n\r\n");
  expect(await second.rest()).toBe("bye");
  second.socket.end("still here");
  await eventually(() => received === "still here");
});

test("a reset on either side ends the other, and what was sent before still arrives [HP-33] [AV-01]", async () => {
  await using host = await Host.open((socket) => {
    socket.write("last words", () => setTimeout(() => socket.resetAndDestroy(), 20));
  });
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await client.until("\r\n\r\n");
  expect(await client.rest()).toBe("last words");

  await using echoing = await Host.open(echo);
  await using other = await openHttpRig(allow(`a.test:${echoing.port}`));
  using leaving = await RawClient.open(other.proxy);
  leaving.send(`CONNECT a.test:${echoing.port} HTTP/1.1\r\n\r\nx`);
  await leaving.until("\r\n\r\nx");
  leaving.socket.resetAndDestroy();
  await eventually(() => echoing.sockets[0]?.closed === true && other.proxy.stats().active === 0);
});

test("2 MiB each way arrive whole, and a stalled reader stops the sender [AV-05]", async () => {
  const size = 2 * 1024 * 1024;
  await using host = await Host.open(echo);
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await client.until("\r\n\r\n");
  client.socket.end(Buffer.alloc(size, "0123456789"));
  expect((await client.rest()) === Buffer.alloc(size, "0123456789").toString()).toBe(true);

  let sent = 0;
  await using flood = await Host.open((socket) => {
    const chunk = Buffer.alloc(65_536);
    const write = (): void => {
      while (!socket.destroyed && sent < 256 * 1024 * 1024) {
        sent += chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    socket.on("drain", write);
    write();
  });
  rig.proxy.setRules(createFilter({ allowPrivate: [`a.test:${flood.port}`] }));
  using stalled = await RawClient.open(rig.proxy);
  stalled.send(`CONNECT a.test:${flood.port} HTTP/1.1\r\n\r\n`);
  await stalled.until("\r\n\r\n");
  stalled.socket.pause();
  let before = -1;
  await eventually(() => {
    const isSteady = sent === before;
    before = sent;
    return isSteady;
  });
  expect(sent).toBeLessThan(64 * 1024 * 1024);
});

test.each([
  ["a closed port", 502, async () => ["127.0.0.1"]],
  ["an unknown name", 502, () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }))],
  ["a name without addresses", 502, async () => []],
  ["a resolver that never answers", 504, () => new Promise<readonly string[]>(() => undefined)],
])("%s gives %i", async (_name, status, resolveHost) => {
  await using host = await Host.open(echo);
  const { port } = host;
  await host[Symbol.asyncDispose]().catch(() => undefined);
  await using rig = await openHttpRig({ ...allow(`a.test:${port}`), resolveHost, limits: { dialTimeoutMs: 100 } });
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${port} HTTP/1.1\r\n\r\n`);
  expect((await client.response()).status).toBe(status);
  expect(rig.events).toMatchObject([{ kind: "failed", host: "a.test" }]);
});

test.each([
  ["no port", 400, "CONNECT a.test HTTP/1.1\r\n\r\n"],
  ["user information", 400, "CONNECT x@a.test:443 HTTP/1.1\r\n\r\n"],
  ["a body that could hide a request", 400, "CONNECT a.test:443 HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /"],
  ["a chunked body", 400, "CONNECT a.test:443 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["no HTTP", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["SOCKS", 400, "\x05\x01\x00"],
  ["HTTP/2", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a method in small letters", 405, "connect a.test:443 HTTP/1.1\r\n\r\n"],
  ["too large a head", 431, `CONNECT a.test:443 HTTP/1.1\r\nX: ${"x".repeat(9_000)}\r\n\r\n`],
  ["bare LF in a field", 400, "CONNECT a.test:443 HTTP/1.1\nHost: a\n\n"],
])("%s is refused with %i [HP-04] [HP-05] [HP-06] [HP-15] [HP-19] [HP-26] [AV-04]", async (_name, status, bytes) => {
  await using rig = await openHttpRig(allow("a.test:443"));
  using client = await RawClient.open(rig.proxy);
  client.send(Buffer.from(bytes, "latin1"));
  const answer = await client.response();
  expect(answer.status).toBe(status);
  expect(answer.head).toContain("Connection: close");
  expect(await client.rest()).toBe("");
  expect(rig.resolved).toEqual([]);
});

test("a request that never ends gets 408 [AV-03]", async () => {
  await using rig = await openHttpRig({ ...allow("a.test"), limits: { handshakeTimeoutMs: 100 } });
  using client = await RawClient.open(rig.proxy);
  client.send("CONNECT a.test:443 HT");
  expect((await client.response()).status).toBe(408);
});

test("a CONNECT of HTTP/1.0 is served, and its refusal closes [HP-31]", async () => {
  await using host = await Host.open(echo);
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.0\r\n\r\nhi`);
  await client.until("\r\n\r\n");
  expect(await client.until("hi")).toBe("hi");
  using refused = await RawClient.open(rig.proxy);
  refused.send("CONNECT b.test:443 HTTP/1.0\r\n\r\n");
  expect((await refused.response()).status).toBe(403);
  expect(await refused.rest()).toBe("");
});

test("an idle tunnel is closed; one that moves bytes in one direction only is not", async () => {
  let ticks = 0;
  await using host = await Host.open((socket) => {
    const timer = setInterval(() => {
      ticks += 1;
      socket.write(".");
      if (ticks === 12) clearInterval(timer);
    }, 25);
    socket.on("close", () => clearInterval(timer));
  });
  await using rig = await openHttpRig({ ...allow(`a.test:${host.port}`), limits: { idleTimeoutMs: 150 } });
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await client.until("\r\n\r\n");
  expect(await client.rest()).toBe("............");
  await eventually(() => rig.events.length === 2);
  expect(rig.events[1]).toMatchObject({ kind: "closed", reason: "idle for too long" });
});

test("disposing closes the listener and every connection, and waits", async () => {
  await using host = await Host.open(echo);
  const rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await client.until("\r\n\r\n");
  using idle = await RawClient.open(rig.proxy);
  await rig[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
  expect(rig.proxy.stats().active).toBe(0);
  expect(rig.events.at(-1)).toMatchObject({ kind: "closed", reason: "the proxy was closed" });
  await client.rest();
  await idle.rest();
  const again = RawClient.open(rig.proxy);
  await expect(again).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("draining refuses new clients and lets open tunnels finish", async () => {
  await using host = await Host.open(echo);
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await client.until("\r\n\r\n");
  const drained = rig.proxy.drain(20_000);
  await expect(RawClient.open(rig.proxy)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  client.socket.end("bye");
  expect(await client.rest()).toBe("bye");
  await drained;
});

test("the client may leave while the host is dialled [AV-08]", async () => {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  await using rig = await openHttpRig({ ...allow("a.test"), resolveHost: () => promise });
  using client = await RawClient.open(rig.proxy);
  client.send("CONNECT a.test:443 HTTP/1.1\r\n\r\n");
  await eventually(() => rig.resolved.length === 1);
  client.socket.resetAndDestroy();
  await once(client.socket, "close");
  await eventually(() => rig.events.length === 1);
  resolve([]);
  expect(rig.events).toMatchObject([{ kind: "failed", reason: "the client left before the host answered" }]);
});

test("a client that ends while the host is dialled has ended for the host too", async () => {
  await using host = await Host.open((socket) => socket.resume().on("end", () => socket.end("late answer")));
  const dialled = Promise.withResolvers<readonly string[]>();
  await using rig = await openHttpRig({ ...allow(`a.test:${host.port}`), resolveHost: () => dialled.promise });
  using client = await RawClient.open(rig.proxy);
  client.socket.end(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  await eventually(() => rig.resolved.length === 1);
  await sleep(20);
  dialled.resolve(["127.0.0.1"]);
  expect(await client.rest()).toContain("late answer");
  await eventually(() => rig.events.at(-1)?.kind === "closed");
});

test("a client that breaks off while its host is dialled ends the dial, and is asked for no further request [AV-08]", async () => {
  const signals: AbortSignal[] = [];
  await using proxy = await BuiltInProxy.open({
    filter: createFilter({ allow: ["a.test"] }),
    authentication: "none",
    resolveHost: (_name, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
  });
  using client = await RawClient.open(proxy);
  client.send("CONNECT a.test:443 HTTP/1.1\r\n\r\n");
  await eventually(() => signals.length === 1);
  client.socket.resetAndDestroy();
  await eventually(() => proxy.stats().failed === 1);
  expect(signals[0]?.aborted).toBe(true);
  expect(proxy.recentEvents()).toMatchObject([{ kind: "failed", reason: "the client left before the host answered" }]);
});

test.each<[why: string, asked: string, rules: FilterRules, advice: string | null]>([
  ["not listed on a web port", "b.test:80", {}, "koda allow b.test "],
  ["not listed on another port", "b.test:8080", {}, "koda allow b.test:8080 "],
  ["an IPv6 address", "[2001:4860::1]:22", {}, "koda allow [2001:4860::1]:22 "],
  ["listed on other ports", "b.test:8080", { allow: ["b.test"] }, "koda allow b.test:8080 "],
  ["at a private address", "b.test:80", { allow: ["b.test"] }, "koda allow b.test --private "],
  ["denied by a rule, which no other could lift", "b.test:80", { allow: ["b.test"], deny: ["b.test"] }, null],
  ["at an address that a rule denies", "b.test:80", { allowPrivate: ["b.test"], deny: ["127.0.0.0/8"] }, null],
])("a refusal tells how to allow what is %s", async (_why, asked, rules, advice) => {
  await using rig = await openHttpRig({ rules });
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT ${asked} HTTP/1.1\r\n\r\n`);
  const { status, body } = await client.response();
  expect(status).toBe(403);
  if (advice === null) expect(body).not.toContain("allow it");
  else expect(body).toContain(`To allow it: ${advice}`);
  const [refused] = rig.events;
  const sentence = `${refused?.host}:${refused?.port} was refused: ${refused?.reason}`;
  expect(toViolations({ refused: rig.events, undone: [], exitCode: 0, output: "" })).toEqual([
    { kind: "network", message: advice === null ? sentence : `${sentence}. To allow it: ${advice.trim()}` },
  ]);
});
