import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { createFilter } from "../../src/filter/filter.ts";
import { eventually, Host, openHttpRig, RawClient } from "./rig.ts";

const allow = (...hosts: string[]): { rules: { allowPrivate: string[] } } => ({ rules: { allowPrivate: hosts } });
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const sequentialRequests = 10_000;

/** A host that answers every head it reads, as `answer` says; what it read is kept for each connection. */
async function openKeeping(
  answer: (socket: Socket, head: string, index: number) => void,
): Promise<Host & { heads: string[][] }> {
  const heads: string[][] = [];
  const host = await Host.open((socket) => {
    const read: string[] = [];
    heads.push(read);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
        read.push(text.slice(0, end));
        text = text.slice(end + 4);
        answer(socket, read.at(-1) ?? "", read.length);
      }
    });
  });
  return Object.assign(host, { heads });
}

const get = (name: string, port: number, path = "/"): string => `GET http://${name}:${port}${path} HTTP/1.1\r\n\r\n`;

test("the next request of a client to the same host finds the connection open, and has a record of its own", async () => {
  await using host = await openKeeping((socket) => socket.write(ok));
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  for (const path of ["/1", "/2"]) {
    client.send(get("a.test", host.port, path));
    expect(await client.response()).toMatchObject({ status: 200, body: "ok" });
  }
  await eventually(() => rig.events.length === 4);
  expect(rig.events.map(({ id, kind, bytesDown }) => [id, kind, bytesDown])).toEqual([
    [1, "open", 0],
    [1, "closed", ok.length],
    [2, "open", 0],
    [2, "closed", ok.length],
  ]);
  expect(host.sockets).toHaveLength(1);
  expect(rig.resolved).toEqual(["a.test"]);
  expect(host.heads[0]?.map((head) => head.split(" ")[1])).toEqual(["/1", "/2"]);
});

test("a request to another host or port closes the kept connection", async () => {
  await using one = await openKeeping((socket) => socket.write(ok));
  await using two = await openKeeping((socket) => socket.write(ok));
  await using rig = await openHttpRig(allow(`a.test:${one.port}`, `b.test:${one.port}`, `a.test:${two.port}`));
  using client = await RawClient.open(rig.proxy);
  const asked = [
    ["a.test", one],
    ["b.test", one],
    ["a.test", two],
    ["a.test", one],
  ] as const;
  for (const [name, host] of asked) {
    client.send(get(name, host.port));
    expect((await client.response()).status).toBe(200);
  }
  expect([one.sockets.length, two.sockets.length]).toEqual([3, 1]);
  await eventually(() =>
    [...one.sockets.slice(0, 2), ...two.sockets].every(({ readableEnded, closed }) => readableEnded || closed),
  );
  expect(one.sockets[2]?.closed).toBe(false);
  expect(rig.resolved).toHaveLength(4);
});

test.each<[when: string, close: (socket: Socket) => void]>([
  ["ended", (socket) => socket.end()],
  ["reset", (socket) => socket.resetAndDestroy()],
])(
  "a connection that the host %s meanwhile is replaced by a new one, and the client knows nothing of it",
  async (_when, close) => {
    await using host = await openKeeping((socket) => socket.write(ok));
    await using rig = await openHttpRig(allow(`a.test:${host.port}`));
    using client = await RawClient.open(rig.proxy);
    client.send(get("a.test", host.port, "/1"));
    expect((await client.response()).status).toBe(200);
    const [first] = host.sockets;
    if (first) close(first);
    client.send(get("a.test", host.port, "/2"));
    expect(await client.response()).toMatchObject({ status: 200, body: "ok" });
    expect(host.sockets).toHaveLength(2);
  },
);

test("a request that is lost on a kept connection is repeated once on a new one, and no more", async () => {
  // Answers the first request of a connection, and breaks off at the second.
  await using host = await openKeeping((socket, head, index) => {
    if (head.includes("/never") || index > 1) socket.resetAndDestroy();
    else socket.write(ok);
  });
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  for (const path of ["/1", "/2", "/3"]) {
    client.send(get("a.test", host.port, path));
    expect(await client.response()).toMatchObject({ status: 200, body: "ok" });
  }
  expect(host.heads.map((heads) => heads.map((head) => head.split(" ")[1]))).toEqual([
    ["/1", "/2"],
    ["/2", "/3"],
    ["/3"],
  ]);
  client.send(get("a.test", host.port, "/never"));
  expect((await client.response()).status).toBe(502);
  expect(host.heads.flat().filter((head) => head.includes("/never"))).toHaveLength(2);
});

test("an answer that has begun is never begun again: the client sees it cut [HP-25]", async () => {
  await using host = await openKeeping((socket, _head, index) => {
    if (index === 1) return void socket.write(ok);
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", () =>
      setTimeout(() => socket.resetAndDestroy(), 10),
    );
  });
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(get("a.test", host.port));
  await client.response();
  client.send(get("a.test", host.port));
  expect(await client.rest()).toMatch(/Content-Length: 100\r\n.*half$/s);
  expect(host.sockets).toHaveLength(1);
});

test.each([
  ["POST", "Content-Length: 0\r\n"],
  ["DELETE", ""],
  ["PATCH", "Content-Length: 0\r\n"],
  ["GET", "Content-Length: 0\r\n"],
])("a request that may not be sent twice (%s, %j) uses no kept connection, and leaves none", async (method, fields) => {
  await using host = await openKeeping((socket) => socket.write(ok));
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  const other = `${method} http://a.test:${host.port}/other HTTP/1.1\r\n${fields}\r\n`;
  for (const request of [get("a.test", host.port), other, other]) {
    client.send(request);
    expect((await client.response()).status).toBe(200);
  }
  expect(host.heads.map((heads) => heads.length)).toEqual([1, 1, 1]);
});

test.each<[change: string, isKept: boolean, rules: (port: number) => Parameters<typeof createFilter>[0]]>([
  ["no longer allow the host", false, () => ({})],
  ["deny it", false, (port) => ({ allowPrivate: [`a.test:${port}`], deny: ["a.test:*"] })],
  ["deny its address", false, (port) => ({ allowPrivate: [`a.test:${port}`], deny: ["127.0.0.0/8"] })],
  ["allow it, but no private address", false, (port) => ({ allow: [`a.test:${port}`] })],
  ["allow more", true, (port) => ({ allowPrivate: [`a.test:${port}`, "b.test"] })],
])("a kept connection is judged anew when the rules %s [HP-01]", async (_change, isKept, rules) => {
  await using host = await openKeeping((socket) => socket.write(ok));
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(get("a.test", host.port));
  expect((await client.response()).status).toBe(200);
  rig.proxy.setRules(createFilter(rules(host.port)));
  client.send(get("a.test", host.port));
  expect((await client.response()).status).toBe(isKept ? 200 : 403);
  expect(host.heads.map((heads) => heads.length)).toEqual([isKept ? 2 : 1]);
  if (!isKept) await eventually(() => host.sockets[0]?.readableEnded === true || host.sockets[0]?.closed === true);
});

test("a kept connection is not used under a rule that did not open it [HP-01]", async () => {
  await using host = await openKeeping((socket) => socket.write(ok));
  await using rig = await openHttpRig(allow(`x.a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(get("x.a.test", host.port));
  expect((await client.response()).status).toBe(200);
  rig.proxy.setRules(createFilter({ allowPrivate: [`*.a.test:${host.port}`] }));
  client.send(get("x.a.test", host.port));
  expect((await client.response()).status).toBe(200);
  expect(host.heads.map((heads) => heads.length)).toEqual([1, 1]);
  await eventually(() => rig.events.length === 4);
  const opened = rig.events.filter(({ kind }) => kind === "open");
  expect(opened.map(({ rule }) => rule)).toEqual([`x.a.test:${host.port}`, `*.a.test:${host.port}`]);
});

test("no two clients share a connection, not one after the other either", async () => {
  await using host = await openKeeping((socket) => socket.write(ok));
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using first = await RawClient.open(rig.proxy);
  using second = await RawClient.open(rig.proxy);
  for (const client of [first, second, first, second]) {
    client.send(get("a.test", host.port));
    expect((await client.response()).status).toBe(200);
  }
  expect(host.heads.map((heads) => heads.length)).toEqual([2, 2]);
  first.socket.destroy();
  await once(first.socket, "close");
  await eventually(() => host.sockets[0]?.readableEnded === true || host.sockets[0]?.closed === true);
  using third = await RawClient.open(rig.proxy);
  third.send(get("a.test", host.port));
  expect((await third.response()).status).toBe(200);
  expect(host.heads.map((heads) => heads.length)).toEqual([2, 2, 1]);
});

test("what a host sends unasked on a kept connection answers no later request [HP-25]", async () => {
  await using host = await openKeeping((socket, head) => {
    socket.write(ok);
    if (head.includes("/1")) setTimeout(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned"), 5);
  });
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(get("a.test", host.port, "/1"));
  await client.response();
  await new Promise((resolve) => setTimeout(resolve, 40));
  client.send(get("a.test", host.port, "/2"));
  expect(await client.response()).toMatchObject({ status: 200, body: "ok" });
});

test("an answer with more behind it is cut from what follows [HP-25]", async () => {
  await using host = await openKeeping((socket, head) =>
    socket.write(head.includes("/1") ? `${ok}HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned` : ok),
  );
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(get("a.test", host.port, "/1"));
  expect((await client.response()).body).toBe("ok");
  client.send(get("a.test", host.port, "/2"));
  expect(await client.response()).toMatchObject({ status: 200, body: "ok" });
});

test(`${sequentialRequests} requests of one client leave one connection, and none when it leaves [AV-08]`, async () => {
  await using host = await openKeeping((socket) => socket.write(ok));
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.socket.removeAllListeners("data");
  const request = get("a.test", host.port);
  for (let index = 0; index < sequentialRequests; index += 1) {
    client.socket.write(request);
    for (let text = ""; !text.endsWith("\r\n\r\nok"); ) text += (await once(client.socket, "data"))[0];
  }
  expect(host.sockets).toHaveLength(1);
  await eventually(() => rig.proxy.stats().active === 0);
  expect(rig.proxy.stats()).toMatchObject({ opened: sequentialRequests, failed: 0, refused: 0 });
  client.socket.end();
  await eventually(() => host.sockets[0]?.readableEnded === true || host.sockets[0]?.closed === true);
});

test("an answer that ends with its connection is whole, and leaves none to keep", async () => {
  await using host = await openKeeping((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nto the end"));
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  for (let round = 0; round < 2; round += 1) {
    client.send(get("a.test", host.port));
    expect(await client.until("0\r\n\r\n")).toContain("to the end");
  }
  expect(host.sockets).toHaveLength(2);
});
