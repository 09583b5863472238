/** Connections through an upstream proxy, here an `ExternalProxy`: a program of somebody's own. Checks itself. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { BuiltInProxy, createFilter, ExternalProxy, parseUpstream, SandboxError } from "@koda/sandbox";

// The company's proxy: any program that listens on KODA_PROXY_PORT. This one sends every tunnel to this machine.
const program = `
  const { createServer } = require("node:http");
  const { connect } = require("node:net");
  createServer().on("connect", (request, client) => {
    const host = connect(Number(request.url.split(":")[1]), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\\r\\n\\r\\n");
      client.pipe(host).pipe(client);
    });
    for (const socket of [client, host]) socket.on("error", () => socket.destroy());
  }).listen(Number(process.env.KODA_PROXY_PORT), "127.0.0.1");
`;
await using company = await ExternalProxy.open({
  argv: [process.execPath, "--eval", program],
  environment: {},
  protocol: "http",
});

const origin = createServer((client) => void client.end("hello from the intranet\n"));
origin.listen(0, "127.0.0.1");
await once(origin, "listening");
const authority = `intranet.test:${(origin.address() as AddressInfo).port}`;

// upstreamFromEnvironment(process.env) reads the same from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
const upstream = parseUpstream({ httpsProxy: company.url, noProxy: "localhost, 10.0.0.0/8" });
await using proxy = await BuiltInProxy.open({
  filter: createFilter({ allow: [authority] }),
  authentication: "none",
  upstream,
});
const socket = connect({ host: proxy.host, port: proxy.port });
socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
let answer = "";
for await (const chunk of socket) answer += chunk;
assert.match(answer, /^HTTP\/1\.1 200 .*hello from the intranet\n$/s);

// A mistake in the settings is an error that shows no password; nothing is dialled directly because of it.
assert.throws(
  () => parseUpstream({ httpsProxy: "http://user:s3cret@proxy.test/path" }),
  (error) => error instanceof SandboxError && error.code === "bad_upstream" && !error.message.includes("s3cret"),
);
origin.close();
