import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type NameSources, SystemResolver } from "./system-resolver.ts";

const forever = new AbortController().signal;

/** Sources that answer when the test says so, with what they were asked. */
function openSources(): NameSources & {
  readonly asked: string[];
  readonly askedServers: string[];
  readonly cancelled: string[];
  answer(hostname: string, addresses: readonly string[] | Error): void;
  readonly inServers: Map<string, readonly string[]>;
} {
  const open = new Map<string, PromiseWithResolvers<readonly string[]>>();
  const asked: string[] = [];
  const askedServers: string[] = [];
  const cancelled: string[] = [];
  const inServers = new Map<string, readonly string[]>();
  return {
    asked,
    askedServers,
    cancelled,
    inServers,
    system(hostname) {
      asked.push(hostname);
      const answer = Promise.withResolvers<readonly string[]>();
      open.set(hostname, answer);
      return answer.promise;
    },
    servers(hostname, signal) {
      askedServers.push(hostname);
      signal.addEventListener("abort", () => cancelled.push(hostname));
      const known = inServers.get(hostname);
      return known === undefined ? new Promise(() => undefined) : Promise.resolve(known);
    },
    answer(hostname, addresses) {
      const answer = open.get(hostname);
      if (addresses instanceof Error) answer?.reject(addresses);
      else answer?.resolve(addresses);
    },
  };
}

test("fifty look-ups that hang keep no other name waiting, and hold two of the system's threads [AV-10]", async () => {
  const sources = openSources();
  const resolver = new SystemResolver(sources);
  const left = new AbortController();
  for (let index = 0; index < 50; index += 1) {
    resolver.resolve(`hangs-${index}.test`, left.signal).catch(() => undefined);
  }
  sources.inServers.set("good.test", ["192.0.2.1"]);
  expect(await resolver.resolve("good.test", forever)).toEqual(["192.0.2.1"]);
  expect(sources.asked).toEqual(["hangs-0.test", "hangs-1.test"]);
  // Who left gives up the place: the next name is asked for as soon as a thread is free.
  left.abort();
  const next = resolver.resolve("next.test", forever);
  sources.answer("hangs-0.test", new Error("gave up"));
  await sleep(0);
  expect(sources.asked).toEqual(["hangs-0.test", "hangs-1.test", "next.test"]);
  sources.answer("next.test", ["192.0.2.2"]);
  expect(await next).toEqual(["192.0.2.2"]);
});

test("names wait in the order they came, and those who ask for one name share the answer", async () => {
  const sources = openSources();
  const resolver = new SystemResolver(sources);
  const answers = ["a.test", "b.test", "c.test", "a.test", "d.test", "c.test"].map((name) =>
    resolver.resolve(name, forever),
  );
  expect(sources.asked).toEqual(["a.test", "b.test"]);
  sources.answer("b.test", ["192.0.2.2"]);
  sources.answer("a.test", ["192.0.2.1"]);
  await Promise.all([answers[0], answers[1], answers[3]]);
  await sleep(0);
  expect(sources.asked).toEqual(["a.test", "b.test", "c.test", "d.test"]);
  sources.answer("c.test", ["192.0.2.3"]);
  sources.answer("d.test", new Error("no such name"));
  await expect(answers[4]).rejects.toThrow("no such name");
  expect(await Promise.all(answers.toSpliced(4, 1))).toEqual(
    ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1", "192.0.2.3"].map((address) => [address]),
  );
  // Nothing is kept: the same name is asked for again.
  resolver.resolve("a.test", forever).catch(() => undefined);
  expect(sources.asked.at(-1)).toBe("a.test");
});

test("that a name does not exist is for the system to say, not for the DNS servers", async () => {
  const sources = openSources();
  const resolver = new SystemResolver(sources);
  const hanging = ["x.test", "y.test"].map((name) => resolver.resolve(name, forever));
  sources.inServers.set("hosts-file.test", []);
  const answer = resolver.resolve("hosts-file.test", forever);
  while (sources.askedServers.length === 0) await sleep(5);
  sources.answer("x.test", []);
  await hanging[0];
  await sleep(0);
  sources.answer("hosts-file.test", ["10.0.0.1"]);
  expect(await answer).toEqual(["10.0.0.1"]);
});

test("nobody waiting is nobody asked: the DNS servers are called back, one who stays keeps the place", async () => {
  const sources = openSources();
  const resolver = new SystemResolver(sources);
  for (const name of ["x.test", "y.test"]) resolver.resolve(name, forever).catch(() => undefined);
  const [first, second] = [new AbortController(), new AbortController()];
  for (const { signal } of [first, second]) resolver.resolve("z.test", signal).catch(() => undefined);
  while (sources.askedServers.length === 0) await sleep(5);
  first.abort();
  expect(sources.cancelled).toEqual([]);
  second.abort();
  expect(sources.cancelled).toEqual(["z.test"]);
  await expect(resolver.resolve("a.test", second.signal)).rejects.toThrow();
});

test("the real sources know this machine", async () => {
  const addresses = await new SystemResolver().resolve("localhost", forever);
  expect(addresses.some((address) => address === "127.0.0.1" || address === "::1")).toBe(true);
});
