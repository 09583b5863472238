import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFilter, type FilterRules } from "../src/filter/filter.ts";
import type { BuiltInProxy } from "../src/proxy/built-in-proxy.ts";
import type { BuiltInSocks5Proxy } from "../src/proxy/built-in-socks5-proxy.ts";
import { type HostAnswer, type HostQuestion, HostQuestions } from "../src/proxy/host-questions.ts";
import { parseUpstream } from "../src/proxy/upstream/parse-upstream.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig, RawClient, type Rig } from "./proxy/rig.ts";
import { type Asked, askers } from "./proxy/upstream/ask.ts";
import { type CorporateProxy, openHttpUpstream } from "./proxy/upstream/corporate-proxies.ts";

/** Both proxies with one set of questions. An upstream proxy makes every name reachable that is let through. */
class Pair implements AsyncDisposable {
  readonly asked: { question: HostQuestion; answer: (answer: HostAnswer) => void }[] = [];
  readonly http: Rig<BuiltInProxy>;
  readonly socks5: Rig<BuiltInSocks5Proxy>;
  readonly #clients = new DisposableStack();
  readonly #resources: AsyncDisposableStack;

  static async open(options: { rules?: FilterRules; upstreamPort: number | null; timeoutMs?: number }): Promise<Pair> {
    await using stack = new AsyncDisposableStack();
    const asked: Pair["asked"] = [];
    const questions = new HostQuestions({
      timeoutMs: options.timeoutMs,
      ask: (question) => new Promise((answer) => asked.push({ question, answer })),
    });
    stack.defer(() => questions[Symbol.dispose]());
    const upstream = options.upstreamPort === null ? null : { allProxy: `http://127.0.0.1:${options.upstreamPort}` };
    const rig = { rules: options.rules ?? {}, questions, upstream: upstream && parseUpstream(upstream) };
    const [http, socks5] = [stack.use(await openHttpRig(rig)), stack.use(await openSocks5Rig(rig))];
    return new Pair(asked, { http, socks5 }, stack.move());
  }

  private constructor(asked: Pair["asked"], rigs: Pick<Pair, "http" | "socks5">, owned: AsyncDisposableStack) {
    this.asked = asked;
    this.http = rigs.http;
    this.socks5 = rigs.socks5;
    this.#resources = owned;
  }

  /** Begins to ask for a tunnel, and waits until the question is put. */
  async begin(protocol: "http" | "socks5", name: string, port: number): Promise<{ answered: Promise<Asked> }> {
    const count = this.asked.length;
    const answered = this.ask(protocol, name, port);
    await eventually(() => this.asked.length > count);
    return { answered };
  }

  async ask(protocol: "http" | "socks5", name: string, port: number): Promise<Asked> {
    const asker = askers.find((each) => each.protocol === protocol);
    if (asker === undefined) throw new Error(protocol);
    return this.#clients.use(await asker.ask(this[protocol].proxy, name, port));
  }

  setRules(rules: FilterRules): void {
    for (const { proxy } of [this.http, this.socks5]) proxy.setRules(createFilter(rules));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#clients.dispose();
    await this.#resources.disposeAsync();
  }
}

const opened = { http: 200, socks5: 0 } as const;
const denied = { http: 403, socks5: 2 } as const;
const other = { http: "socks5", socks5: "http" } as const;

let host: Host;
let corporate: CorporateProxy;
let resources: AsyncDisposableStack;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  host = resources.use(await Host.open(echo));
  corporate = resources.use(await openHttpUpstream());
});
afterEach(() => resources.disposeAsync());

const openPair = (options: { rules?: FilterRules; timeoutMs?: number } = {}): Promise<Pair> =>
  Pair.open({ ...options, upstreamPort: corporate.port });

function tunnelRequest(protocol: "http" | "socks5", name: string, port: number): string | Buffer {
  if (protocol === "http") return `CONNECT ${name}:${port} HTTP/1.1\r\n\r\n`;
  return Buffer.of(5, 1, 0, 5, 1, 0, 3, name.length, ...Buffer.from(name), port >> 8, port & 255);
}

async function expectEcho({ client }: Asked): Promise<void> {
  client.send("there");
  expect(await client.until("there")).toBe("there");
}

describe.each(["http", "socks5"] as const)("a host that no rule covers, asked for through %s,", (protocol) => {
  test("is held until someone answers; once lets this connection through and no further one", async () => {
    await using pair = await openPair();
    const { answered } = await pair.begin(protocol, "new.test", host.port);
    expect(pair.asked[0]?.question).toMatchObject({ target: { host: "new.test" }, rule: `new.test:${host.port}` });
    expect(corporate.asked).toEqual([]);
    pair.asked[0]?.answer("once");
    const asked = await answered;
    expect(asked.answer).toBe(opened[protocol]);
    await expectEcho(asked);
    const again = await pair.begin(protocol, "new.test", host.port);
    pair.asked[1]?.answer("deny");
    expect((await again.answered).answer).toBe(denied[protocol]);
  });

  test.each(["session", "always"] as const)(
    "and answered %s is open to both proxies without a question",
    async (answer) => {
      await using pair = await openPair();
      const { answered } = await pair.begin(protocol, "new.test", host.port);
      pair.asked[0]?.answer(answer);
      await expectEcho(await answered);
      for (const each of [protocol, other[protocol]]) await expectEcho(await pair.ask(each, "new.test", host.port));
      expect(pair.asked).toHaveLength(1);
    },
  );

  test("and denied is refused, with the rule that would open it on record", async () => {
    await using pair = await openPair();
    const { answered } = await pair.begin(protocol, "new.test", host.port);
    pair.asked[0]?.answer("deny");
    expect((await answered).answer).toBe(denied[protocol]);
    const remedy = { rule: `new.test:${host.port}`, isPrivate: false };
    const reason = "no rule allows new.test, and it was asked about and denied";
    expect(pair[protocol].events).toMatchObject([{ kind: "refused", reason, remedy }]);
    expect(corporate.asked).toEqual([]);
  });

  test("and not answered in time is refused, and the record says that nobody answered", async () => {
    await using pair = await openPair({ timeoutMs: 30 });
    expect((await pair.ask(protocol, "new.test", host.port)).answer).toBe(denied[protocol]);
    expect(pair[protocol].events).toMatchObject([
      { kind: "refused", reason: "no rule allows new.test, and nobody answered whether to allow it" },
    ]);
  });

  test("is not dialled for a client that has left, whatever the answer", async () => {
    await using pair = await openPair();
    using leaver = await RawClient.open(pair[protocol].proxy);
    leaver.send(tunnelRequest(protocol, "new.test", host.port));
    await eventually(() => pair.asked.length === 1);
    leaver.socket.resetAndDestroy();
    await sleep(50); // nothing tells of its arrival
    pair.asked[0]?.answer("once");
    const { events } = pair[protocol];
    await eventually(() => events.length > 0);
    expect(events).toMatchObject([{ kind: "failed", reason: "the client left before it was decided" }]);
    expect(corporate.asked).toEqual([]);
  });

  test("is never asked about where a deny rule names it", async () => {
    await using pair = await openPair({ rules: { deny: ["**.evil.test"] } });
    expect((await pair.ask(protocol, "a.evil.test", 443)).answer).toBe(denied[protocol]);
    expect(pair.asked).toEqual([]);
  });

  test("is not asked about where it is spelt as an address that is not public: no answer would open it", async () => {
    await using pair = await Pair.open({ upstreamPort: null });
    expect((await pair.ask(protocol, "127.0.0.1", host.port)).answer).toBe(denied[protocol]);
    expect(pair.asked).toEqual([]);
    expect(pair[protocol].events).toMatchObject([{ kind: "refused", remedy: { isPrivate: true } }]);
  });

  test("stays closed where it leads to an address that is not public, whatever the answer", async () => {
    await using pair = await Pair.open({ upstreamPort: null });
    const { answered } = await pair.begin(protocol, "inner.test", host.port);
    pair.asked.at(-1)?.answer("always");
    expect((await answered).answer).toBe(denied[protocol]);
    expect(pair[protocol].events.map(({ reason }) => reason)).toEqual([
      "inner.test leads to a loopback address, which only a private rule may open",
    ]);
    expect(host.sockets).toEqual([]);
  });

  test.each(["once", "session"] as const)(
    "and granted %s is closed by a deny rule that comes later, others stay",
    async (answer) => {
      await using pair = await openPair();
      const tunnels: Asked[] = [];
      for (const name of ["new.test", "stays.test"]) {
        const { answered } = await pair.begin(protocol, name, host.port);
        pair.asked.at(-1)?.answer(answer);
        tunnels.push(await answered);
      }
      const [closed, stays] = tunnels;
      pair.setRules({ deny: ["new.test"] });
      expect(await closed?.client.rest()).toBe("");
      if (stays) await expectEcho(stays);
      expect((await pair.ask(protocol, "new.test", host.port)).answer).toBe(denied[protocol]);
      expect(pair.asked).toHaveLength(2);
    },
  );
});

test("100 connections of both proxies that wait for one host are one question, and all have its answer", async () => {
  await using pair = await openPair();
  const waiting = Array.from({ length: 100 }, (_, index) =>
    pair.ask(index % 2 ? "http" : "socks5", "new.test", host.port),
  );
  await sleep(50); // nothing tells that the last one waits
  pair.asked[0]?.answer("session");
  for (const asked of await Promise.all(waiting)) await expectEcho(asked);
  expect(pair.asked).toHaveLength(1);
});

test("a plain request is held and asked about as a tunnel is", async () => {
  await using origin = await Host.open((socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
  });
  await using pair = await openPair();
  using client = await RawClient.open(pair.http.proxy);
  client.send(`GET http://new.test:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  await eventually(() => pair.asked.length === 1);
  expect(pair.asked[0]?.question.protocol).toBe("http");
  pair.asked[0]?.answer("once");
  expect(await client.response()).toMatchObject({ status: 200, body: "hi" });
});
