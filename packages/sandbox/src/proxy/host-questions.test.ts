import { describe, expect, test } from "vitest";
import { createFilter } from "../filter/filter.ts";
import { parseAuthority } from "../filter/target.ts";
import { type AskAboutHost, type HostAnswer, type HostQuestion, HostQuestions } from "./host-questions.ts";

/** Questions whose answers the test gives, and what was asked. */
function openQuestions(options: { readonly timeoutMs?: number; readonly maxPending?: number } = {}) {
  const asked: { question: HostQuestion; signal: AbortSignal; answer: (answer: HostAnswer) => void }[] = [];
  const ask: AskAboutHost = (question, signal) => {
    const { promise, resolve } = Promise.withResolvers<HostAnswer>();
    asked.push({ question, signal, answer: resolve });
    return promise;
  };
  const questions = new HostQuestions({ ask, ...options });
  const about = (authority: string, clientId: string | null = null) =>
    questions.about({ target: parseAuthority(authority), clientId, protocol: "socks5" });
  return { questions, asked, about, [Symbol.dispose]: () => questions[Symbol.dispose]() };
}

const decide = (questions: HostQuestions, authority: string) =>
  questions.extend(createFilter({ deny: ["denied.test"] })).decide(parseAuthority(authority)).kind;

describe("an answer", () => {
  test.each([
    ["once", "deny"],
    ["deny", "deny"],
    ["session", "allow"],
    ["always", "allow"],
  ] as const)("%s: the next connection is judged %s without a question", async (answer, verdict) => {
    using it = openQuestions();
    const outcome = it.about("a.test:8443", "call-1");
    expect(it.asked.map(({ question }) => question)).toEqual([
      { target: { host: "a.test", port: 8443 }, rule: "a.test:8443", clientId: "call-1", protocol: "socks5" },
    ]);
    it.asked[0]?.answer(answer);
    expect(await outcome).toBe(answer);
    expect(decide(it.questions, "a.test:8443")).toBe(verdict);
    expect([decide(it.questions, "a.test:443"), decide(it.questions, "b.a.test:8443")]).toEqual(["deny", "deny"]);
  });

  test("adds nothing that a deny rule names", async () => {
    using it = openQuestions();
    const outcome = it.about("denied.test:443");
    it.asked[0]?.answer("always");
    await outcome;
    expect(decide(it.questions, "denied.test:443")).toBe("deny");
  });

  test("grants what was granted before, too, in another list each time", async () => {
    using it = openQuestions();
    const before = it.questions.granted;
    for (const authority of ["a.test:443", "[2001:db8::1]:22"]) {
      const outcome = it.about(authority);
      it.asked.at(-1)?.answer("session");
      await outcome;
    }
    expect([before, it.questions.granted]).toEqual([[], ["a.test", "[2001:db8::1]:22"]]);
  });

  test("that is none of the four grants nothing", async () => {
    const asked = ["yes" as HostAnswer, undefined as unknown as HostAnswer];
    using questions = new HostQuestions({ ask: async () => asked.pop() ?? ("ALWAYS" as HostAnswer) });
    for (let index = 0; index < 3; index += 1) {
      await questions.about({ target: { host: "a.test", port: 443 }, clientId: null, protocol: "http" });
    }
    expect(questions.granted).toEqual([]);
  });
});

describe("a question", () => {
  test("is one for a host and port however many wait, and is asked anew when it was answered", async () => {
    using it = openQuestions();
    const outcomes = Array.from({ length: 100 }, () => it.about("a.test:443"));
    const others = [it.about("a.test:80"), it.about("b.test:443")];
    expect(it.asked).toHaveLength(3);
    for (const { answer } of it.asked) answer("once");
    expect(new Set(await Promise.all([...outcomes, ...others]))).toEqual(new Set(["once"]));
    const again = it.about("a.test:443");
    expect(it.asked).toHaveLength(4);
    it.asked[3]?.answer("deny");
    expect(await again).toBe("deny");
  });

  test("that nobody answers in time is unanswered; its signal says so, and a late answer grants nothing", async () => {
    using it = openQuestions({ timeoutMs: 20 });
    expect(await it.about("a.test:443")).toBe("unanswered");
    expect(it.asked[0]?.signal.aborted).toBe(true);
    it.asked[0]?.answer("always");
    await Promise.resolve();
    expect(it.questions.granted).toEqual([]);
  });

  test("beyond the limit is unanswered at once, and one more is asked when another was answered", async () => {
    using it = openQuestions({ maxPending: 2 });
    const first = it.about("a.test:443");
    void it.about("b.test:443");
    expect(await it.about("c.test:443")).toBe("unanswered");
    expect(it.asked).toHaveLength(2);
    it.asked[0]?.answer("deny");
    await first;
    void it.about("c.test:443");
    expect(it.asked).toHaveLength(3);
  });

  test.each([
    ["rejects", async () => Promise.reject(new Error("gone"))],
    [
      "throws",
      () => {
        throw new Error("gone");
      },
    ],
  ])("whose asker %s is unanswered", async (_how, ask) => {
    using questions = new HostQuestions({ ask });
    const question = { target: { host: "a.test", port: 443 }, clientId: null, protocol: "http" } as const;
    expect(await questions.about(question)).toBe("unanswered");
  });

  test("that is open when the questions are disposed is unanswered, and so is every later one", async () => {
    using it = openQuestions();
    const open = it.about("a.test:443");
    it.questions[Symbol.dispose]();
    expect([await open, it.asked[0]?.signal.aborted]).toEqual(["unanswered", true]);
    expect(await it.about("b.test:443")).toBe("unanswered");
    expect(it.asked).toHaveLength(1);
  });
});
