import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { text as readText } from "node:stream/consumers";
import { expect, test } from "vitest";
import { ClientRegistry } from "../../src/proxy/client-registry.ts";
import { eventually, Host, openHttpRig, RawClient } from "./rig.ts";

class Origin implements AsyncDisposable {
  readonly seen: IncomingMessage[] = [];
  readonly server: Server;

  static async open(serve: RequestListener): Promise<Origin> {
    const origin = new Origin(serve);
    origin.server.listen(0, "127.0.0.1");
    await once(origin.server, "listening");
    return origin;
  }

  private constructor(serve: RequestListener) {
    this.server = createServer((request, response) => {
      this.seen.push(request);
      serve(request, response);
    });
  }

  get authority(): string {
    const address = this.server.address();
    return `a.test:${typeof address === "object" ? address?.port : 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/** A host that answers every connection with the same bytes, and keeps what it was sent. */
async function openScripted(
  answer: string,
  then: "end" | "keep" | "reset",
): Promise<Host & { received: () => string }> {
  let received = "";
  const host = await Host.open((socket) => {
    socket.once("data", () => {
      socket.write(answer, () => {
        if (then === "end") socket.end();
        if (then === "reset") setTimeout(() => socket.resetAndDestroy(), 10);
      });
    });
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
    });
  });
  return Object.assign(host, { received: () => received });
}

const allow = (...hosts: string[]): { rules: { allowPrivate: string[] } } => ({ rules: { allowPrivate: hosts } });

test("one connection carries requests to changing hosts, each judged for itself [HP-01]", async () => {
  await using origin = await Origin.open((request, response) => response.end(`got ${request.url}`));
  await using rig = await openHttpRig(allow(origin.authority));
  using client = await RawClient.open(rig.proxy);
  // Pipelined: allowed, refused, allowed.
  client.send(
    [`http://${origin.authority}/1`, "http://b.test/2", `http://${origin.authority}/3`]
      .map((url) => `GET ${url} HTTP/1.1\r\nHost: ${origin.authority}\r\n\r\n`)
      .join(""),
  );
  expect(await client.response()).toMatchObject({ status: 200, body: "got /1" });
  expect(await client.response()).toMatchObject({ status: 403 });
  expect(await client.response()).toMatchObject({ status: 200, body: "got /3" });
  expect(rig.resolved).toEqual(["a.test", "a.test"]);
});

test("what the host reads: Host of the target, the path byte for byte, no field of the connection [HP-02] [HP-10] [HP-11] [HP-12] [HP-17]", async () => {
  const host = await openScripted("HTTP/1.1 204 No Content\r\n\r\n", "end");
  await using _host = host;
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  const fields = [
    "Host: blocked.test",
    "Proxy-Authorization: Basic c2VjcmV0OnNlY3JldA==",
    "Proxy-Connection: keep-alive",
    "Connection: X-Hop, Content-Length, Host",
    "X-Hop: 1",
    "Keep-Alive: 5",
    "TE: trailers",
    "Upgrade: h2c",
    "X-Twice: 1",
    "X-Twice: 2",
    "Content-Length: 4",
  ].join("\r\n");
  client.send(`POST http://A.test:${host.port}/a/../%2F//b'?x=%0d%0a&y HTTP/1.1\r\n${fields}\r\n\r\nbody`);
  expect((await client.response()).status).toBe(204);
  expect(host.received().split("\r\n")).toEqual([
    "POST /a/../%2F//b'?x=%0d%0a&y HTTP/1.1",
    `Host: a.test:${host.port}`,
    "X-Twice: 1",
    "X-Twice: 2",
    "Content-Length: 4",
    "Via: 1.1 koda",
    "Connection: close",
    "",
    "body",
  ]);
});

test("what the client reads: fields of the connection are gone, repeated ones stay [HP-11]", async () => {
  const answer =
    "HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 9\r\nContent-Length: 2\r\n\r\nhi";
  const host = await openScripted(answer, "keep");
  await using _host = host;
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
  const { head, body } = await client.response();
  expect(head).toMatch(/^HTTP\/1\.1 200 Fine\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n/);
  expect(head).not.toMatch(/x-hop|keep-alive: 9/i);
  expect(body).toBe("hi");
});

test("chunked bodies and trailers stream both ways", async () => {
  await using origin = await Origin.open((request, response) => {
    response.writeHead(200, { Trailer: "X-Sum" });
    request.on("data", (chunk) => response.write(chunk));
    request.on("end", () => {
      response.addTrailers({ "X-Sum": request.trailers["x-in"] ?? "none" });
      response.end();
    });
  });
  await using rig = await openHttpRig(allow(origin.authority));
  using client = await RawClient.open(rig.proxy);
  client.send(`POST http://${origin.authority}/ HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nfirst\r\n`);
  expect(await client.until("first\r\n")).toContain("Transfer-Encoding: chunked");
  client.send("6\r\nsecond\r\n0\r\nX-In: 42\r\n\r\n");
  expect(await client.until("X-Sum: 42\r\n\r\n")).toContain("second");
});

test.each([
  [
    "Content-Length and Transfer-Encoding",
    "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "0\r\n\r\nGET http://b.test/ HTTP/1.1\r\n\r\n",
  ],
  ["Transfer-Encoding and Content-Length", "Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"],
  ["two Content-Lengths", "Content-Length: 5\r\nContent-Length: 5", "hello"],
  ["a list of lengths", "Content-Length: 5, 5", "hello"],
  ["a signed length", "Content-Length: +5", "hello"],
  ["a hexadecimal length", "Content-Length: 0x5", "hello"],
  ["too large a length", "Content-Length: 99999999999999999999", "hello"],
  ["xchunked", "Transfer-Encoding: xchunked", "0\r\n\r\n"],
  ["chunked, identity", "Transfer-Encoding: chunked, identity", "0\r\n\r\n"],
  ["gzip, chunked", "Transfer-Encoding: gzip, chunked", "0\r\n\r\n"],
  ["two Transfer-Encodings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"],
  ["a control byte before chunked", "Transfer-Encoding: \x0bchunked", "0\r\n\r\n"],
  ["space before the colon", "Content-Length : 5", "hello"],
  ["a folded field", "X: 1\r\n 2", ""],
  ["a field without a colon", "nonsense", ""],
  ["NUL in a field", "X: a\0b", ""],
  ["bare CR in a field", "X: a\rb", ""],
  ["DEL in a field", "X: a\x7fb", ""],
  ["two Host fields", "Host: a.test\r\nHost: b.test", ""],
])("%s is refused, and no host sees anything [HP-02] [HP-13] [HP-15]", async (_name, fields, body) => {
  await using origin = await Origin.open((_request, response) => response.end());
  await using rig = await openHttpRig(allow(origin.authority));
  using client = await RawClient.open(rig.proxy);
  client.send(Buffer.from(`POST http://${origin.authority}/ HTTP/1.1\r\n${fields}\r\n\r\n${body}`, "latin1"));
  expect((await client.response()).status).toBe(400);
  expect(await client.rest()).toBe("");
  expect(origin.seen).toEqual([]);
});

test.each([
  "/",
  "file:///etc/passwd",
  "ftp://a.test/",
  "https://a.test/",
  "http:///b.test/",
  "http://a.test@b.test/",
  "http://u:p@a.test/",
  "http://a.test\\@b.test/",
  "http://a.test:99999/",
  "http://a.test:/x",
  "http://a.test#@b.test/",
  "http://a%2etest/",
])("the target %s is refused or means a.test alone [HP-06] [HP-07] [HP-08] [HP-09]", async (url) => {
  await using rig = await openHttpRig({ ...allow("a.test"), resolveHost: async () => [] });
  using client = await RawClient.open(rig.proxy);
  client.send(`GET ${url} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
  const { status } = await client.response();
  expect(url === "http://a.test:/x" ? [502] : [400]).toContain(status);
  expect(rig.resolved.filter((name) => name !== "a.test")).toEqual([]);
  expect(JSON.stringify(rig.events)).not.toContain("u:p");
});

test("OPTIONS * is answered, TRACE is not allowed [HP-08]", async () => {
  await using rig = await openHttpRig({});
  using client = await RawClient.open(rig.proxy);
  client.send("OPTIONS * HTTP/1.1\r\n\r\n");
  expect((await client.response()).status).toBe(204);
  client.send("TRACE http://a.test/ HTTP/1.1\r\n\r\n");
  const { status, head } = await client.response();
  expect(status).toBe(405);
  expect(head).toContain("Allow: ");
});

test.each([
  ["no HTTP", "garbage\r\n\r\n", "end"],
  ["an early end", "", "end"],
  [
    "a switch nobody asked for",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "keep",
  ],
  ["both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "keep"],
  ["an endless head", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}\r\n\r\n`, "keep"],
] as const)("a host that answers with %s is a 502 [HP-24] [HP-25] [AV-04]", async (_name, answer, then) => {
  const host = await openScripted(answer, then);
  await using _host = host;
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
  expect((await client.response()).status).toBe(502);
});

test.each([
  ["its length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"],
  ["its last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
])("a body cut before %s never looks whole [HP-25]", async (_name, answer) => {
  for (const then of ["end", "reset"] as const) {
    const host = await openScripted(answer, then);
    await using _host = host;
    await using rig = await openHttpRig(allow(`a.test:${host.port}`));
    using client = await RawClient.open(rig.proxy);
    client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
    const all = await client.rest();
    expect(all).toContain("200 OK");
    expect(all).not.toContain("\r\n0\r\n\r\n");
  }
});

test("Expect: the host's 100 is passed on, and silence becomes a 100 within two seconds [HP-24]", async () => {
  await using host = await Host.open((socket) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
      if (text.endsWith("body")) socket.end("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    });
  });
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`PUT http://a.test:${host.port}/ HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`);
  expect(await client.until("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  expect((await client.response()).status).toBe(201);
});

test("a flood of interim responses reaches the client before the answer [HP-24]", async () => {
  const hint = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  const host = await openScripted(`${hint.repeat(2_000)}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`, "keep");
  await using _host = host;
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
  const all = await client.until("\r\n\r\nok");
  expect(all.split("103 Early Hints")).toHaveLength(2_001);
});

test("an HTTP/1.0 client gets no chunks, and the end of the connection as the end of the body [HP-31]", async () => {
  await using origin = await Origin.open((_request, response) => {
    response.write("part one ");
    response.end("part two");
  });
  await using rig = await openHttpRig(allow(origin.authority));
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://${origin.authority}/ HTTP/1.0\r\n\r\n`);
  const all = await client.rest();
  expect(all).not.toMatch(/transfer-encoding/i);
  expect(all).toMatch(/\r\n\r\npart one part two$/);
});

test("HEAD keeps the length of the body it has not", async () => {
  await using origin = await Origin.open((_request, response) =>
    response.writeHead(200, { "Content-Length": 5 }).end(),
  );
  await using rig = await openHttpRig(allow(origin.authority));
  using client = await RawClient.open(rig.proxy);
  client.send(`HEAD http://${origin.authority}/ HTTP/1.1\r\n\r\n`);
  expect(await client.until("\r\n\r\n")).toContain("Content-Length: 5");
  client.send(`GET http://b.test/ HTTP/1.1\r\n\r\n`);
  expect((await client.response()).status).toBe(403);
});

test("a redirect is relayed, not followed [HP-27]", async () => {
  await using origin = await Origin.open((_request, response) =>
    response.writeHead(302, { Location: "http://b.test/" }).end(),
  );
  await using rig = await openHttpRig(allow(origin.authority));
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://${origin.authority}/ HTTP/1.1\r\n\r\n`);
  expect(await client.until("\r\n\r\n")).toContain("Location: http://b.test/");
  expect(rig.resolved).toEqual(["a.test"]);
});

test("an upgrade that the host accepts becomes a tunnel; a refused one is an answer [HP-23]", async () => {
  await using host = await Host.open((socket) => {
    socket.once("data", (chunk) => {
      if (chunk.includes("/no")) return socket.end("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno");
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nfirst",
      );
      return socket.pipe(socket);
    });
  });
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  const ask = (url: string): string =>
    `GET ${url} HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n`;
  using client = await RawClient.open(rig.proxy);
  client.send(`${ask(`http://a.test:${host.port}/ws`)}early`);
  const head = await client.until("\r\n\r\n");
  expect(head).toBe(
    "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  expect(await client.until("firstearly")).toBe("firstearly");
  client.socket.end("late");
  expect(await client.rest()).toBe("late");

  using denied = await RawClient.open(rig.proxy);
  denied.send(ask("http://b.test/"));
  expect((await denied.response()).status).toBe(403);
  expect(await denied.rest()).toBe("");
  using refused = await RawClient.open(rig.proxy);
  refused.send(ask(`http://a.test:${host.port}/no`));
  expect(await refused.response()).toMatchObject({ status: 426, body: "no" });
  await eventually(() => rig.proxy.stats().active === 0);
});

test("a client that leaves frees the host's side [AV-08]", async () => {
  let isClosed = false;
  await using origin = await Origin.open((request, response) => {
    response.write("begun");
    request.socket.on("close", () => {
      isClosed = true;
    });
  });
  await using rig = await openHttpRig(allow(origin.authority));
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://${origin.authority}/ HTTP/1.1\r\n\r\n`);
  await client.until("begun");
  client.socket.resetAndDestroy();
  await eventually(() => isClosed && rig.proxy.stats().active === 0);
  expect(rig.events.at(-1)).toMatchObject({ kind: "closed", reason: "the client broke off" });
});

test("a host that stays silent is a 504", async () => {
  await using host = await Host.open((socket) => socket.resume());
  await using rig = await openHttpRig({ ...allow(`a.test:${host.port}`), limits: { idleTimeoutMs: 80 } });
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
  expect((await client.response()).status).toBe(504);
});

test("credentials name the client; unknown ones, or none where they are required, get 407 [HP-29]", async () => {
  await using origin = await Origin.open((_request, response) => response.end("ok"));
  const clients = new ClientRegistry();
  const { username, password } = clients.issue("call-1");
  const basic = (text: string): string => `Proxy-Authorization: Basic ${Buffer.from(text).toString("base64")}\r\n`;
  const ask = (fields: string): string => `GET http://${origin.authority}/ HTTP/1.1\r\n${fields}\r\n`;
  for (const authentication of ["required", "optional"] as const) {
    await using rig = await openHttpRig({ ...allow(origin.authority), clients, authentication });
    using client = await RawClient.open(rig.proxy);
    client.send(ask(basic(`${username}:wrong`)));
    const refused = await client.response();
    expect(refused.status).toBe(407);
    expect(refused.head).toContain('Proxy-Authenticate: Basic realm="koda"');
    client.send("CONNECT b.test:443 HTTP/1.1\r\nProxy-Authorization: Bearer x\r\n\r\n");
    expect((await client.response()).status).toBe(407);
    client.send(ask(basic(`${username}:${password}`)));
    expect((await client.response()).status).toBe(200);
    client.send(ask(""));
    expect((await client.response()).status).toBe(authentication === "required" ? 407 : 200);
    const opened = rig.events.filter(({ kind }) => kind === "open").map(({ clientId }) => clientId);
    expect(opened).toEqual(authentication === "required" ? ["call-1"] : ["call-1", null]);
  }
});

test("a Trailer field that nothing can follow is left out, in either direction, and the message goes on", async () => {
  await using host = await openScripted("HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nok", "keep");
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  for (const method of ["GET", "HEAD"]) {
    using client = await RawClient.open(rig.proxy);
    client.send(`${method} http://a.test:${host.port}/ HTTP/1.1\r\nTrailer: X-In\r\n\r\n`);
    const head = await client.until("\r\n\r\n");
    expect(head).toContain(" 200 ");
    expect(head).not.toMatch(/trailer/i);
  }
  expect(host.received()).not.toMatch(/trailer/i);
  await eventually(() => rig.proxy.stats().active === 0);
  expect(rig.proxy.stats()).toMatchObject({ opened: 2 });
});

test("an HTTP/1.0 client gets a chunked answer that announces trailers", async () => {
  const chunked = "HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: 1\r\n\r\n";
  await using host = await openScripted(chunked, "keep");
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.0\r\n\r\n`);
  expect(await client.rest()).toMatch(/^HTTP\/1.1 200 .*\r\n\r\nok$/s);
});

test("requests sent ahead are served in order, one connection to a host at a time", async () => {
  const waiting: (() => void)[] = [];
  await using origin = await Origin.open((request, response) => {
    waiting.push(() => response.end(`got ${request.url}`));
  });
  await using rig = await openHttpRig(allow(origin.authority));
  using client = await RawClient.open(rig.proxy);
  const paths = ["/first", "/second", "/third", "/fourth"];
  client.send(paths.map((path) => `GET http://${origin.authority}${path} HTTP/1.1\r\n\r\n`).join(""));
  for (const path of paths) {
    await eventually(() => waiting.length === 1);
    expect(rig.proxy.stats().active).toBe(1);
    waiting.pop()?.();
    expect(await client.until(path)).toContain(`got ${path}`);
  }
  client.send(`GET http://${origin.authority}/ HTTP/1.1\r\n\r\n`.repeat(2));
  await eventually(() => waiting.length === 1);
  client.socket.destroy();
  await eventually(() => rig.proxy.stats().active === 0);
  expect(origin.seen).toHaveLength(5);
});

test("a client that sends requests ahead without end is cut off [AV-02]", async () => {
  await using host = await Host.open(() => undefined);
  await using rig = await openHttpRig(allow(`a.test:${host.port}`));
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`.repeat(1_100));
  expect(await client.rest()).toBe("");
  await eventually(() => rig.proxy.stats().active === 0);
  expect(rig.proxy.stats().opened).toBeLessThanOrEqual(1);
});

test("an upgrade to a host that stays silent is a 504", async () => {
  await using host = await Host.open(() => undefined);
  await using rig = await openHttpRig({ ...allow(`a.test:${host.port}`), limits: { idleTimeoutMs: 80 } });
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  expect(await client.rest()).toMatch(/^HTTP\/1.1 504 /);
  expect(rig.events.at(-1)).toMatchObject({ kind: "closed", reason: "idle for too long" });
});

test.each([
  ["Content-Length: 4", "body"],
  ["Transfer-Encoding: chunked", "4\r\nbody\r\n0\r\n\r\n"],
])("a request to upgrade that has a body (%s) is an ordinary one", async (framing, body) => {
  await using origin = await Origin.open(async (request, response) => {
    response.end(`${request.headers.upgrade} ${await readText(request)}`);
  });
  await using rig = await openHttpRig(allow(origin.authority));
  using client = await RawClient.open(rig.proxy);
  const head = `POST http://${origin.authority}/ HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${framing}`;
  client.send(`${head}\r\n\r\n${body}`);
  expect(await client.until("undefined body")).toContain(" 200 ");
});
