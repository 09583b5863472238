import fc from "fast-check";
import { expect, test } from "vitest";
import type { HookAnswer } from "../../src/hooks/hook.ts";
import { HookEngine } from "../../src/hooks/hook-engine.ts";
import { call, openHookBench, settle } from "./hook-bench.ts";

const pass = (): HookAnswer => ({ kind: "continue" });
const block = (): HookAnswer => ({ kind: "block", reason: "not today" });
const never = (): Promise<never> => new Promise(() => undefined);

test("without hooks a call goes on as it is, and nobody need be told", async () => {
  const { hooks, beforeTool } = openHookBench();
  const input = { command: "ls" };
  expect(hooks.hears("before-tool")).toBe(false);
  const outcome = await beforeTool({ input });
  expect(outcome).toEqual({ kind: "go-on", input, isChanged: false });
  expect(outcome.kind === "go-on" && outcome.input).toBe(input);
});

test("guards are asked in their order, equal ones as they came, and 100 is the order of those without one", async () => {
  const { guard, asked, beforeTool } = openHookBench();
  guard("c", pass, { order: 101 });
  guard("b", pass);
  guard("b2", pass, { order: 100 });
  guard("a", pass, { order: 99 });
  await beforeTool();
  expect(asked).toEqual(['a "x"', 'b "x"', 'b2 "x"', 'c "x"']);
});

test("a guard that is taken away is not asked any more", async () => {
  const { guard, asked, beforeTool, hooks } = openHookBench();
  const remove = guard("a", block);
  remove();
  remove();
  expect(await beforeTool()).toMatchObject({ kind: "go-on" });
  expect(asked).toEqual([]);
  expect(hooks.hears("before-tool")).toBe(false);
});

test("a block ends it: no later guard is asked, and its reason is told with its name", async () => {
  const { guard, asked, reports, beforeTool } = openHookBench();
  guard("policy", block);
  guard("later", pass);
  const reason = 'the hook "policy" says: not today';
  expect(await beforeTool()).toEqual({ kind: "block", reason, hook: "policy" });
  expect(asked).toEqual(['policy "x"']);
  expect(reports).toEqual([
    { type: "hook", name: "policy", event: "before-tool", outcome: "blocked", message: reason },
  ]);
});

test("a guard that says to skip the rest keeps no later guard from blocking, and that it silences observers is told", async () => {
  const { guard, engine, beforeTool, reports } = openHookBench();
  guard("first", () => ({ kind: "skip-rest" }));
  const remove = guard("policy", block);
  let isTold = false;
  engine.register({
    name: "log",
    event: "before-tool",
    role: "observer",
    run: async () => {
      isTold = true;
      return pass();
    },
  });
  expect(await beforeTool()).toMatchObject({ kind: "block", hook: "policy" });
  remove();
  reports.length = 0;
  expect(await beforeTool()).toMatchObject({ kind: "go-on" });
  expect(isTold).toBe(false);
  const message = 'the hook "first" keeps observers from being told of this';
  expect(reports).toEqual([{ type: "hook", name: "first", event: "before-tool", outcome: "changed", message }]);
});

test("a changed input is judged, and shown to every other guard, those before too", async () => {
  const { guard, asked, judged, reports, beforeTool } = openHookBench();
  guard("first", pass);
  guard("changer", (input) => ({ kind: "change", input: `timeout 9 ${input}` }));
  guard("last", pass);
  expect(await beforeTool()).toEqual({ kind: "go-on", input: "timeout 9 x", isChanged: true });
  expect(asked).toEqual(['first "x"', 'changer "x"', 'first "timeout 9 x"', 'last "timeout 9 x"']);
  expect(judged).toEqual(["timeout 9 x"]);
  expect(reports).toMatchObject([{ name: "changer", outcome: "changed" }]);
});

test("an earlier guard can block what a later one has made of the input", async () => {
  const { guard, beforeTool } = openHookBench();
  guard("policy", (input) => (input === "y" ? block() : pass()));
  guard("changer", () => ({ kind: "change", input: "y" }));
  expect(await beforeTool()).toMatchObject({ kind: "block", hook: "policy" });
});

test("what is matched is the changed call, not the first one", async () => {
  const { guard, beforeTool } = openHookBench();
  guard("policy", block, { matcher: { commandPattern: /prod/ } });
  guard("changer", () => ({ kind: "change", input: "deploy prod" }));
  const judge = async (input: unknown) => ({ ...call, kind: "run" as const, input, command: String(input) });
  expect(await beforeTool({}, { judge })).toMatchObject({ kind: "block", hook: "policy" });
});

test("a changed input that is judged to be blocked, or cannot be judged, is blocked", async () => {
  const { guard, beforeTool } = openHookBench();
  guard("changer", () => ({ kind: "change", input: "y" }));
  const blocked = await beforeTool({}, { judge: async () => ({ kind: "block", reason: "plan mode" }) });
  expect(blocked).toMatchObject({ kind: "block", reason: expect.stringMatching(/"changer".*plan mode/) });
  const failed = await beforeTool({}, { judge: () => Promise.reject(new Error("no schema")) });
  expect(failed).toMatchObject({ kind: "block", reason: expect.stringMatching(/"changer".*no schema/) });
});

test("the judge gives the canonical input, and that is what goes on", async () => {
  const { guard, beforeTool } = openHookBench();
  guard("changer", () => ({ kind: "change", input: { cmd: "y" } }));
  const judge = async () => ({ ...call, kind: "ask" as const, input: { command: "y" } });
  expect(await beforeTool({}, { judge })).toEqual({ kind: "go-on", input: { command: "y" }, isChanged: true });
});

test("an equal input is no change", async () => {
  const { guard, judged, reports, beforeTool } = openHookBench();
  guard("changer", () => ({ kind: "change", input: { a: [1] } }));
  expect(await beforeTool({ input: { a: [1] } })).toMatchObject({ kind: "go-on", isChanged: false });
  expect([judged, reports]).toEqual([[], []]);
});

test("guards that undo each other's changes are stopped", async () => {
  const { guard, asked, beforeTool } = openHookBench();
  guard("a", () => ({ kind: "change", input: "a" }));
  guard("b", () => ({ kind: "change", input: "b" }));
  expect(await beforeTool()).toMatchObject({ kind: "block", reason: expect.stringContaining("3 times") });
  expect(asked).toHaveLength(6);
});

test("nothing that a hook keeps in hand and changes later reaches what goes on", async () => {
  const { guard, engine, beforeTool } = openHookBench();
  const kept: { command: string }[] = [];
  engine.register<"before-tool">({
    name: "sly",
    event: "before-tool",
    role: "guard",
    run: async (payload) => {
      const given = payload.input as { command: string };
      given.command = "rm";
      const answer = { command: "ls -l" };
      kept.push(given, answer);
      return { kind: "change", input: answer };
    },
  });
  guard("late", () => {
    for (const each of kept) each.command = "rm";
    return pass();
  });
  const input = { command: "ls" };
  expect(await beforeTool({ input })).toMatchObject({ input: { command: "ls -l" } });
  expect(input).toEqual({ command: "ls" });
});

test("a guard that throws blocks, and the reason names it", async () => {
  const { guard, reports, beforeTool } = openHookBench();
  guard("broken", () => {
    throw new Error("no database");
  });
  const reason = 'the hook "broken" failed: no database';
  expect(await beforeTool()).toEqual({ kind: "block", reason, hook: "broken" });
  expect(reports).toMatchObject([{ outcome: "failed", message: reason }]);
});

test.each([undefined, null, "yes", { kind: "allow" }, { kind: "retry-after", ms: -1 }, { kind: "block" }])(
  "an answer that is none (%o) blocks",
  async (answer) => {
    const { guard, beforeTool } = openHookBench();
    guard("odd", () => answer as HookAnswer);
    expect(await beforeTool()).toMatchObject({ kind: "block", hook: "odd" });
  },
);

test("a guard that takes too long blocks, is told to stop, and what it says later has no effect", async () => {
  const { guard, sleeps, reports, beforeTool } = openHookBench();
  const { promise, resolve } = Promise.withResolvers<HookAnswer>();
  let given: AbortSignal | undefined;
  guard("slow", pass, {
    run: (_payload, { signal }) => {
      given = signal;
      return promise;
    },
  });
  const outcome = beforeTool();
  await settle();
  expect(sleeps.map(({ durationMs }) => durationMs)).toEqual([30_000]);
  sleeps[0]?.end();
  const reason = 'the hook "slow" did not answer within 30000 ms';
  expect(await outcome).toEqual({ kind: "block", reason, hook: "slow" });
  expect(given?.aborted).toBe(true);
  resolve(pass());
  await settle();
  expect(reports).toMatchObject([{ outcome: "timed-out", message: reason }]);
});

test("a guard that wants to be asked later is, as long as it does so no more than three times", async () => {
  const { guard, asked, sleeps, beforeTool } = openHookBench();
  const answers = [{ kind: "retry-after", ms: 7 } as const, pass()];
  guard("busy", () => answers.shift() ?? { kind: "retry-after", ms: 1 });
  const first = beforeTool();
  await settle();
  expect(asked).toHaveLength(1);
  sleeps.find(({ durationMs }) => durationMs === 7)?.end();
  expect(await first).toMatchObject({ kind: "go-on" });
  expect(asked).toHaveLength(2);

  const second = beforeTool();
  for (let round = 0; round < 3; round += 1) {
    await settle();
    for (const { durationMs, end } of sleeps) if (durationMs === 1) end();
  }
  expect(await second).toMatchObject({ kind: "block", hook: "busy" });
  expect(asked).toHaveLength(5);
});

test("no timer outlives the hook that it is for", async () => {
  const { guard, sleeps, beforeTool } = openHookBench();
  guard("quick", pass);
  await beforeTool();
  expect(sleeps.map(({ isOver }) => isOver())).toEqual([true]);
});

test("an aborted turn ends the asking with its reason, and the hook is told", async () => {
  const { guard, beforeTool, reports } = openHookBench();
  const stop = new AbortController();
  const reason = new Error("enough");
  let given: AbortSignal | undefined;
  guard("slow", pass, {
    run: (_payload, { signal }) => {
      given = signal;
      return never();
    },
  });
  const outcome = beforeTool({}, { signal: stop.signal });
  await settle();
  stop.abort(reason);
  await expect(outcome).rejects.toBe(reason);
  expect(given?.reason).toBe(reason);
  expect(reports).toEqual([]);
});

test("requests to the model and skills can be blocked, and have no input to change", async () => {
  const { engine, hooks } = openHookBench();
  const told = { sessionId: "s1", turnId: "t1", provider: "p", model: "m", prompt: "hi", tools: [] };
  const { signal } = new AbortController();
  expect(await hooks.beforeGenerate(told, { signal })).toEqual({ kind: "go-on" });
  const answers: HookAnswer[] = [pass(), block(), { kind: "change", input: "y" }];
  const run = async (): Promise<HookAnswer> => answers.shift() ?? block();
  engine.register({ name: "quota", event: "before-generate", role: "guard", run });
  engine.register({ name: "skills", event: "skill-load", role: "guard", run, matcher: { skillGlob: "deploy*" } });
  expect(await hooks.beforeGenerate(told, { signal })).toEqual({ kind: "go-on" });
  expect(await hooks.beforeGenerate(told, { signal })).toMatchObject({ kind: "block", hook: "quota" });
  expect(await hooks.beforeGenerate(told, { signal })).toMatchObject({ reason: expect.stringContaining("no input") });
  expect(await hooks.skillLoad({ sessionId: "s1", skill: "test" }, { signal })).toEqual({ kind: "go-on" });
  expect(await hooks.skillLoad({ sessionId: "s1", skill: "deploy-x" }, { signal })).toMatchObject({ kind: "block" });
});

test("one hook, registered once, is asked by every session, and a session's own engine by that one alone", async () => {
  const [shared, own] = [new HookEngine(), new HookEngine()];
  const first = openHookBench([shared, own]);
  const second = openHookBench([shared]);
  const asked: string[] = [];
  const register = (engine: HookEngine, name: string, order: number): void => {
    engine.register<"before-tool">({
      name,
      order,
      event: "before-tool",
      role: "guard",
      run: async ({ sessionId }) => {
        asked.push(`${name} ${sessionId}`);
        return pass();
      },
    });
  };
  register(shared, "late", 200);
  register(own, "own", 100);
  await first.beforeTool({ sessionId: "s1" });
  await second.beforeTool({ sessionId: "s2" });
  expect(asked).toEqual(["own s1", "late s1", "late s2"]);
});

test("what goes on was passed by the judge and by every guard that did not make it, whatever guards there are", async () => {
  const inputs = ["x", "y", "z"] as const;
  const answer = fc.oneof(
    { weight: 6, arbitrary: fc.constant<HookAnswer>({ kind: "continue" }) },
    { weight: 1, arbitrary: fc.constant<HookAnswer>({ kind: "block", reason: "no" }) },
    { weight: 1, arbitrary: fc.constant<HookAnswer>({ kind: "skip-rest" }) },
    { weight: 3, arbitrary: fc.constantFrom(...inputs).map((input): HookAnswer => ({ kind: "change", input })) },
  );
  const guards = fc.array(fc.record({ order: fc.nat(3), x: answer, y: answer, z: answer }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(guards, fc.subarray([...inputs]), async (table, forbidden) => {
      const { guard, asked, beforeTool } = openHookBench();
      for (const [index, { order, ...answers }] of table.entries()) {
        guard(String(index), (input) => answers[input as "x"], { order });
      }
      const outcome = await beforeTool(
        {},
        {
          judge: async (input) =>
            forbidden.some((each) => each === input)
              ? { kind: "block", reason: "forbidden" }
              : { ...call, kind: "run", input },
        },
      );
      const anyBlocks = asked.some((line) => {
        const [index, json] = line.split(" ");
        return table[Number(index)]?.[JSON.parse(json ?? "") as "x"].kind === "block";
      });
      if (anyBlocks) expect(outcome.kind).toBe("block");
      if (outcome.kind === "block") return;
      const final = outcome.input as "x";
      expect(outcome.isChanged && forbidden.includes(final)).toBe(false);
      for (const answers of table) {
        const madeIt = Object.values(answers).some(
          (each) => typeof each === "object" && each.kind === "change" && each.input === final,
        );
        if (!madeIt) expect(["continue", "skip-rest"]).toContain(answers[final].kind);
      }
    }),
  );
});

test("one more guard that changes nothing never turns a block into a pass", async () => {
  const kind = fc.constantFrom("continue" as const, "block" as const, "skip-rest" as const);
  const one = fc.record({ order: fc.nat(3), kind });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 4 }), one, async (some, another) => {
      const ask = async (table: readonly { order: number; kind: "continue" | "block" | "skip-rest" }[]) => {
        const { guard, beforeTool } = openHookBench();
        for (const { order, kind: says } of table) guard("g", () => ({ kind: says, reason: "no" }), { order });
        return (await beforeTool()).kind;
      };
      const before = await ask(some);
      expect(before).toBe(some.some((each) => each.kind === "block") ? "block" : "go-on");
      expect(await ask([...some, another])).toBe(before === "block" || another.kind === "block" ? "block" : "go-on");
    }),
  );
});
