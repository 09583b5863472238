/**
 * Both proxies in front of one filter: a client with credentials of its own, what is refused, new rules while they run.
 * Checks itself, and leaves this machine alone: the host that it reaches is its own.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import {
  BuiltInProxy,
  BuiltInSocks5Proxy,
  ClientRegistry,
  type ConnectionEvent,
  devAllowlistFilter,
  proxyEnv,
} from "@koda/sandbox";

const origin = createServer((_request, response) => response.end("hello\n"));
origin.listen(0, "127.0.0.1");
await once(origin, "listening");
const authority = `api.example.test:${(origin.address() as AddressInfo).port}`;

// The hosts that developers' tools need, and one of ours; a private rule, as it lies on this machine.
const filter = devAllowlistFilter().layer({ allowPrivate: [authority] });
const clients = new ClientRegistry();
const resolveHost = async () => ["127.0.0.1"]; // leave it out for the system's resolver
const options = { filter, clients, authentication: "required", resolveHost } as const;
await using http = await BuiltInProxy.open(options);
await using socks5 = await BuiltInSocks5Proxy.open(options);
const events: ConnectionEvent[] = [];
for (const proxy of [http, socks5]) proxy.subscribe((event) => events.push(event));

// Whoever is handed this environment is known as job-1 until its credentials are revoked.
const env = proxyEnv({ http, socks5, credentials: clients.issue("job-1") });
const curl = async (url: string): Promise<string> => {
  const argv = ["--silent", "--show-error", "--fail-with-body", url];
  const run = promisify(execFile)("curl", argv, { env: { PATH: process.env["PATH"], ...env } });
  return (await run.catch((error) => error)).stdout;
};
assert.equal(await curl(`http://${authority}/`), "hello\n");
assert.match(await curl("http://unlisted.test/"), /no rule allows unlisted\.test/);

// A deny wins over everything, closes what it no longer permits, and cannot be talked around.
for (const proxy of [http, socks5]) proxy.setRules(filter.layer({ deny: ["**.example.test"] }));
assert.match(await curl(`http://${authority}/`), /the rule \*\*\.example\.test denies/);

const story = events.map(({ kind, clientId, host, remedy }) => [kind, clientId, host, remedy?.rule ?? null]);
assert.deepEqual(story, [
  ["open", "job-1", "api.example.test", null],
  ["closed", "job-1", "api.example.test", null],
  ["refused", "job-1", "unlisted.test", "unlisted.test"],
  ["refused", "job-1", "api.example.test", null],
]);
origin.close();
