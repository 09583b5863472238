/** A host that no rule covers waits for an answer, and the answer counts for both proxies. Checks itself. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { BuiltInProxy, BuiltInSocks5Proxy, createFilter, findBroadRules, HostQuestions } from "@koda/sandbox";

const asked: string[] = [];
using questions = new HostQuestions({
  timeoutMs: 30_000, // without an answer by then: refused
  async ask({ target, rule }) {
    asked.push(`${target.host}:${target.port}`);
    const isTooBroad = (await findBroadRules({ allow: [rule] })).length > 0;
    return isTooBroad || target.host.endsWith(".evil.test") ? "deny" : "session";
  },
});
const resolveHost = async () => ["127.0.0.1"]; // not public, so that nothing leaves this machine
const options = {
  filter: createFilter({ deny: ["tracker.test"] }),
  authentication: "none",
  questions,
  resolveHost,
} as const;
await using http = await BuiltInProxy.open(options);
await using _socks5 = await BuiltInSocks5Proxy.open(options);

async function ask(authority: string): Promise<string> {
  const socket = connect({ host: http.host, port: http.port });
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  const [answer] = await once(socket, "data");
  socket.destroy();
  return String(answer);
}

assert.match(await ask("www.evil.test:443"), /it was asked about and denied/);
// Granted, and refused all the same: an answer opens no address that is not public.
assert.match(await ask("new.test:443"), /new\.test leads to a loopback address/);
// A deny rule is not up for discussion.
assert.match(await ask("tracker.test:443"), /the rule tracker\.test denies/);
await ask("new.test:443"); // granted for the session: nobody is asked again
assert.deepEqual(asked, ["www.evil.test:443", "new.test:443"]);
assert.deepEqual(questions.granted, ["new.test"]);
