import { createServer } from "node:http";
import { text as readText } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createFilter } from "../../../src/filter/filter.ts";
import { parseUpstream } from "../../../src/proxy/upstream/parse-upstream.ts";
import { eventually, Host, openHttpRig, RawClient } from "../rig.ts";
import { openHttpUpstream } from "./corporate-proxies.ts";

const theirs = `Basic ${Buffer.from("corp:s3cret").toString("base64")}`;
const ours = "Proxy-Authorization: Basic b3VyczpvdXJz\r\n";

/** An upstream that answers every request it reads with the same bytes, and keeps what it read. */
async function openUpstream(answer: string): Promise<Host & { read: () => string }> {
  let read = "";
  const host = await Host.open((socket) => {
    socket.on("data", (chunk) => {
      const isWhole = /\r\n\r\n(body)?$/.test(chunk.toString("latin1"));
      read += chunk.toString("latin1");
      if (isWhole) socket.write(answer);
    });
  });
  return Object.assign(host, { read: () => read });
}

const through = (port: number, userinfo = "corp:s3cret@") =>
  parseUpstream({ allProxy: `http://${userinfo}127.0.0.1:${port}` });
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

function toFieldInSmallLetters(line: string): { name: string; value: string } {
  const [name = "", value = ""] = line.split(": ");
  return { name: name.toLowerCase(), value };
}

test.each([
  ["GET", ""],
  ["HEAD", ""],
  ["POST", "body"],
  ["DELETE", ""],
])(
  "%s reaches an upstream in absolute form, with the upstream's credentials and never the client's [HP-10]",
  async (method, body) => {
    await using seen = await openUpstream(method === "HEAD" ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : ok);
    await using rig = await openHttpRig({ upstream: through(seen.port), rules: { allow: ["a.test:80"] } });
    using client = await RawClient.open(rig.proxy);
    const framing = body === "" ? "" : `Content-Length: ${body.length}\r\n`;
    client.send(`${method} http://A.test/x/../y?z HTTP/1.1\r\nHost: b.test\r\n${ours}${framing}\r\n${body}`);
    expect(await client.until("\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
    const lines = seen.read().split("\r\n");
    expect(lines[0]).toBe(`${method} http://a.test/x/../y?z HTTP/1.1`);
    expect(
      lines.map(toFieldInSmallLetters).filter(({ name }) => name === "host" || name === "proxy-authorization"),
    ).toEqual([
      { name: "host", value: "a.test" },
      { name: "proxy-authorization", value: theirs },
    ]);
    expect(seen.read().endsWith(`\r\n\r\n${body}`)).toBe(true);
  },
);

test("without credentials of its own an upstream sees none [HP-10]", async () => {
  await using seen = await openUpstream(ok);
  await using rig = await openHttpRig({ upstream: through(seen.port, ""), rules: { allow: ["a.test:80"] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test/ HTTP/1.1\r\n${ours}\r\n`);
  expect((await client.response()).status).toBe(200);
  expect(seen.read()).not.toMatch(/authorization/i);
});

test("a request to upgrade reaches an upstream in absolute form, and becomes a tunnel when the host agrees [HP-23]", async () => {
  await using seen = await openUpstream(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst",
  );
  await using rig = await openHttpRig({ upstream: through(seen.port), rules: { allow: ["a.test:80"] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test/ws HTTP/1.1\r\n${ours}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  expect(await client.until("first")).toMatch(/^HTTP\/1\.1 101 /);
  expect(seen.read()).toMatch(/^GET http:\/\/a\.test\/ws HTTP\/1\.1\r\n/);
  expect(seen.read()).toContain(`Proxy-Authorization: ${theirs}`);
  expect(seen.read()).not.toContain(ours);
  client.send("through");
  await eventually(() => seen.read().endsWith("\r\n\r\nthrough"));
});

test("requests of one client to one host share a connection to the upstream; another host's do not", async () => {
  await using seen = await openUpstream(ok);
  await using rig = await openHttpRig({ upstream: through(seen.port), rules: { allow: ["a.test:80", "b.test:80"] } });
  using client = await RawClient.open(rig.proxy);
  for (const name of ["a.test", "a.test", "b.test"]) {
    client.send(`GET http://${name}/ HTTP/1.1\r\n\r\n`);
    expect((await client.response()).status).toBe(200);
  }
  expect(seen.sockets).toHaveLength(2);
  rig.proxy.setRules(createFilter({}));
  client.send("GET http://b.test/ HTTP/1.1\r\n\r\n");
  expect((await client.response()).status).toBe(403);
});

test("the rules are asked before an upstream is, for every request [HP-01]", async () => {
  await using seen = await openUpstream(ok);
  await using rig = await openHttpRig({ upstream: through(seen.port), rules: { allow: ["a.test:80"] } });
  using client = await RawClient.open(rig.proxy);
  client.send("GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n");
  expect((await client.response()).status).toBe(403);
  expect(seen.sockets).toEqual([]);
});

test("a corporate proxy of another make forwards GET and POST, with credentials", async () => {
  const server = createServer(async (request, response) => {
    const text = `${request.method} ${request.url} ${request.headers.host} ${await readText(request)}`;
    response.writeHead(200, { "Content-Length": text.length }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => void server.close().closeAllConnections());
  const address = server.address();
  const origin = `a.test:${typeof address === "object" ? address?.port : 0}`;
  const auth = { username: "corp", password: "s3cret" };
  const corporate = stack.use(await openHttpUpstream({ auth }));
  const rig = stack.use(await openHttpRig({ upstream: through(corporate.port), rules: { allow: [origin] } }));
  using client = await RawClient.open(rig.proxy);
  for (const [method, body] of [
    ["GET", ""],
    ["POST", "body"],
    ["GET", ""],
  ] as const) {
    const framing = body === "" ? "" : `Content-Length: ${body.length}\r\n`;
    client.send(`${method} http://${origin}/x?y HTTP/1.1\r\n${ours}${framing}\r\n${body}`);
    expect(await client.response()).toMatchObject({ status: 200, body: `${method} /x?y ${origin} ${body}` });
  }
});

test.each(["GET", "POST", "UPGRADE"])(
  "an upstream's own 407 to %s is a 502, for the client has no credentials to show it",
  async (method) => {
    await using seen = await openUpstream(
      'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="corp"\r\nContent-Length: 4\r\n\r\nwho?',
    );
    await using rig = await openHttpRig({ upstream: through(seen.port), rules: { allow: ["a.test:80"] } });
    using client = await RawClient.open(rig.proxy);
    const fields = method === "UPGRADE" ? "Connection: Upgrade\r\nUpgrade: websocket\r\n" : "";
    const framing = method === "POST" ? "Content-Length: 4\r\n" : "";
    client.send(
      `${method === "POST" ? "POST" : "GET"} http://a.test/ HTTP/1.1\r\n${fields}${framing}\r\n${framing && "body"}`,
    );
    const { status, head } = await client.response();
    expect([status, /proxy-authenticate/i.test(head)]).toEqual([502, false]);
  },
);
