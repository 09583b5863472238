import { expect, test } from "vitest";
import type { HostAnswer, HostQuestion } from "../src/proxy/host-questions.ts";
import { openTestSandbox } from "./open-test-sandbox.ts";

const curl = "curl -sS --max-time 10";

test("a command's new host is asked about once for both proxies, with the command's id; a denied one is never asked about", async () => {
  const asked: HostQuestion[] = [];
  await using it = await openTestSandbox({
    rules: { deny: ["evil.test"] },
    ask: async (question) => {
      asked.push(question);
      return "deny";
    },
  });
  const refused = await it.sh(`${curl} https://new.test; ${curl} https://evil.test; true`, { clientId: "call-7" });
  expect(asked).toEqual([
    { target: { host: "new.test", port: 443 }, rule: "new.test", clientId: "call-7", protocol: "http-connect" },
  ]);
  expect(refused.violations.map(({ message }) => message)).toEqual([
    expect.stringContaining("new.test"),
    expect.stringContaining("evil.test"),
  ]);
});

test("what was answered for the session holds for the other proxy, and opens no address that is not public", async () => {
  const answers: HostAnswer[] = ["session"];
  let count = 0;
  await using it = await openTestSandbox({
    ask: async () => {
      count += 1;
      return answers.shift() ?? "deny";
    },
  });
  const reasons: string[] = [];
  it.sandbox.subscribe((event) => reasons.push(event.reason));
  await it.sh(`${curl} https://new.test; ${curl} -x "$ALL_PROXY" https://new.test; true`);
  expect(count).toBe(1);
  const reason = "new.test leads to a loopback address, which only a private rule may open";
  expect(reasons).toEqual([reason, reason]);
});

test("a sandbox that is disposed while it asks ends the question and does not wait for an answer", async () => {
  const asking = Promise.withResolvers<AbortSignal>();
  await using it = await openTestSandbox({
    ask: (_question, over) => {
      asking.resolve(over);
      return new Promise(() => undefined);
    },
  });
  const run = it.sh(`${curl} https://new.test`);
  const signal = await asking.promise;
  expect(signal.aborted).toBe(false);
  await it.sandbox[Symbol.asyncDispose]();
  expect(signal.aborted).toBe(true);
  await run;
});
