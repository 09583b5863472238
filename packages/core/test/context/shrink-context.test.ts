import fc from "fast-check";
import { expect, test } from "vitest";
import { ContextMeter } from "../../src/context/context-meter.ts";
import type { ContextView } from "../../src/context/context-view.ts";
import type { ShrinkReason } from "../../src/context/decide-shrink.ts";
import { estimateRequest } from "../../src/context/estimate-tokens.ts";
import { loadView } from "../../src/context/load-view.ts";
import { ShrinkBreaker } from "../../src/context/shrink-breaker.ts";
import { type ShrinkEvent, type ShrinkResult, shrinkContext } from "../../src/context/shrink-context.ts";
import type { Completion } from "../../src/context/summarise.ts";
import { toViewMessages } from "../../src/context/to-view-messages.ts";
import type { ModelRequest } from "../../src/ports/llm-provider.ts";
import type { Entry } from "../../src/store/entry.ts";
import { EntryPath } from "./entry-path.ts";

const window = 20_000;
const all = { maxChars: Number.POSITIVE_INFINITY };
const failed: Completion = { kind: "failed", failure: { code: "server", message: "down" } };

/** A session as a turn drives it, with a model that counts as estimates do. */
class Conversation {
  readonly path: EntryPath = new EntryPath();
  readonly meter: ContextMeter = new ContextMeter(window);
  readonly breaker: ShrinkBreaker = new ShrinkBreaker();
  readonly events: ShrinkEvent[] = [];
  readonly sent: ModelRequest[] = [];
  summaries = 0;
  completion: Completion = { kind: "text", text: "what was done" };
  view: ContextView = { entries: [], calls: this.path.calls, isWhole: true, blanked: new Set<string>() };
  #turn: { readonly id: string; readonly prompt: string } | null = null;

  get request(): ModelRequest {
    return { system: "s".repeat(400), messages: toViewMessages(this.view), tools: [] };
  }

  get shrunk(): readonly ShrinkEvent[] {
    return this.events.filter(({ type }) => type === "context-shrunk");
  }

  see(entry: Entry): void {
    this.view = { ...this.view, entries: [...this.view.entries, entry] };
  }

  prompt(text: string): void {
    this.see(this.path.prompt(text));
    this.#turn = { id: this.path.turnId, prompt: text };
  }

  end(): void {
    this.see(this.path.end());
    this.#turn = null;
  }

  async step(text: string, result: { readonly name: string; readonly result: string } | null = null): Promise<void> {
    await this.shrink("threshold");
    const request = this.request;
    this.sent.push(request);
    this.see(this.path.answer(text, result === null ? [] : [result]));
    this.meter.noteReply(request, {
      inputTokens: estimateRequest(request),
      outputTokens: Math.ceil(text.length / 4),
      cacheReadTokens: 0,
      thinkingTokens: 0,
    });
  }

  async shrink(reason: ShrinkReason, { signal = new AbortController().signal } = {}): Promise<ShrinkResult> {
    const { view, request, meter, breaker } = this;
    const result = await shrinkContext({
      reason,
      view,
      request,
      turn: this.#turn,
      threshold: 0.8,
      meter,
      breaker,
      complete: async () => {
        this.summaries += 1;
        return this.completion;
      },
      append: this.path.append,
      emit: (event) => this.events.push(event),
      signal,
    });
    if (result.kind === "shrunk") this.view = result.view;
    return result;
  }

  /** Until the next request would be above the threshold. */
  async fill(tool = "Bash"): Promise<void> {
    this.prompt("begin");
    while (this.meter.measure(this.request).usedTokens < window * 0.8) {
      await this.step("next", { name: tool, result: "r".repeat(4000) });
    }
  }
}

test("two prompts after crossing the threshold give exactly one compaction", async () => {
  const conversation = new Conversation();
  await conversation.fill();
  conversation.end();
  for (const prompt of ["one", "two"]) {
    conversation.prompt(prompt);
    await conversation.step("done");
    conversation.end();
  }
  expect(conversation.shrunk).toEqual([expect.objectContaining({ step: "summarised" })]);
  expect(conversation.summaries).toBe(1);
});

test.each(["Bash", "Read"])(
  "a reading fires once, also when what is left is still above the threshold: %s",
  async (tool) => {
    const conversation = new Conversation();
    await conversation.fill(tool);
    const huge = { name: tool, result: "r".repeat(window * 4) };
    conversation.see(conversation.path.answer("next", [huge]));
    expect((await conversation.shrink("threshold")).kind).toBe("shrunk");
    expect(conversation.meter.reading.percent).toBeGreaterThan(80);
    expect(await conversation.shrink("threshold")).toEqual({ kind: "unchanged", why: "not-full" });
    expect(conversation.shrunk).toHaveLength(1);
  },
);

test("the event says how much there was and is", async () => {
  const conversation = new Conversation();
  await conversation.fill();
  const beforeMessages = conversation.request.messages.length;
  const result = await conversation.shrink("threshold");
  const { usedTokens } = conversation.meter.measure(conversation.request);
  expect(result).toMatchObject({ kind: "shrunk", afterTokens: usedTokens });
  expect(conversation.events).toEqual([
    {
      type: "context-shrunk",
      step: "summarised",
      beforeTokens: expect.any(Number),
      afterTokens: usedTokens,
      beforeMessages,
      afterMessages: conversation.request.messages.length,
    },
  ]);
  expect(usedTokens).toBeLessThan(window * 0.4);
});

test("the record keeps every entry, and what is loaded again is what was shown", async () => {
  const conversation = new Conversation();
  await conversation.fill();
  conversation.end();
  const before = [...conversation.path.entries];
  const callsBefore = new Map(conversation.path.calls);
  conversation.prompt("go on");
  await conversation.step("done");
  expect(conversation.path.entries.slice(0, before.length)).toEqual(before);
  for (const [callId, call] of callsBefore) expect(conversation.path.calls.get(callId)).toBe(call);
  const loaded = loadView(conversation.path.store, conversation.path.leafId, all);
  expect(loaded.entries).toEqual(conversation.view.entries);
  expect(loaded.entries[0]?.content.kind).toBe("summary");
});

test("old results that can be had again are left out without asking the model, where that is enough", async () => {
  const conversation = new Conversation();
  await conversation.fill("Read");
  await conversation.shrink("threshold");
  expect(conversation.summaries).toBe(0);
  expect(conversation.shrunk).toEqual([expect.objectContaining({ step: "blanked" })]);
  expect(conversation.view.blanked.size).toBeGreaterThan(0);
  expect(conversation.view.entries).toEqual(conversation.path.entries);
});

test("between two shrinks each request begins with the one before it", async () => {
  const conversation = new Conversation();
  conversation.prompt("go");
  for (let step = 0; step < 120; step += 1) {
    await conversation.step("next", { name: step % 3 === 0 ? "Bash" : "Read", result: "r".repeat(1500) });
  }
  const breaks = conversation.sent.filter(({ messages }, index) => {
    const earlier = conversation.sent[index - 1]?.messages ?? [];
    return JSON.stringify(messages.slice(0, earlier.length)) !== JSON.stringify(earlier);
  });
  expect(conversation.shrunk.length).toBeGreaterThan(3);
  expect(breaks).toHaveLength(conversation.shrunk.length);
});

test("the prompt of a turn that runs over many summaries is in every request, word for word", async () => {
  const conversation = new Conversation();
  conversation.prompt("build the thing, with tabs");
  for (let step = 0; step < 80; step += 1) {
    await conversation.step("next", { name: "Bash", result: "r".repeat(3000) });
  }
  expect(conversation.summaries).toBeGreaterThan(2);
  for (const { messages } of conversation.sent) {
    expect(messages.some(({ text }) => text.includes("build the thing, with tabs"))).toBe(true);
  }
});

test("a summary that fails changes nothing and is told", async () => {
  const conversation = new Conversation();
  await conversation.fill();
  conversation.completion = failed;
  const { view } = conversation;
  const entries = [...conversation.path.entries];
  expect(await conversation.shrink("threshold")).toEqual({ kind: "failed", failure: failed.failure });
  expect(conversation.view).toBe(view);
  expect(conversation.path.entries).toEqual(entries);
  expect(conversation.events).toEqual([
    { type: "warning", code: "compaction_failed", message: expect.stringContaining("server: down") },
  ]);
});

test("a model that never gives a summary is asked three times, and then not until there is much more", async () => {
  const conversation = new Conversation();
  await conversation.fill();
  conversation.completion = failed;
  for (let step = 0; step < 30; step += 1) await conversation.step("x".repeat(40));
  expect(conversation.summaries).toBe(3);
  await conversation.step("x".repeat(4000));
  await conversation.step("x");
  expect(conversation.summaries).toBe(4);
});

test("what can be left out is left out when the summary fails", async () => {
  const conversation = new Conversation();
  conversation.prompt("p".repeat(window * 2.4));
  const read = { name: "Read", result: "r".repeat(4000) };
  for (let step = 0; step < 7; step += 1) conversation.see(conversation.path.answer("next", [read]));
  conversation.completion = failed;
  expect(await conversation.shrink("threshold")).toMatchObject({ kind: "shrunk", step: "blanked" });
  expect(conversation.events.map(({ type }) => type)).toEqual(["warning", "context-shrunk"]);
});

test("an abort while the summary is made is thrown and changes nothing", async () => {
  const conversation = new Conversation();
  await conversation.fill();
  const entries = [...conversation.path.entries];
  const aborted = conversation.shrink("threshold", { signal: AbortSignal.abort(new Error("stopped")) });
  await expect(aborted).rejects.toThrow("stopped");
  expect(conversation.path.entries).toEqual(entries);
  expect(conversation.events).toEqual([]);
});

test("a refused request is made shorter even when the window was thought to be much larger", async () => {
  const conversation = new Conversation();
  conversation.prompt("go");
  for (let step = 0; step < 4; step += 1) await conversation.step("next", { name: "Bash", result: "r".repeat(4000) });
  const before = estimateRequest(conversation.request);
  expect(before).toBeLessThan(window / 2);
  expect((await conversation.shrink("overflow")).kind).toBe("shrunk");
  expect(estimateRequest(conversation.request)).toBeLessThan(before * 0.7);
});

test("a result that is too long for the model does not make its session useless", async () => {
  const conversation = new Conversation();
  conversation.prompt("go");
  conversation.see(conversation.path.answer("next", [{ name: "Bash", result: "r".repeat(40_000) }]));
  expect((await conversation.shrink("overflow")).kind).toBe("shrunk");
  expect(estimateRequest(conversation.request)).toBeLessThan(1000);
  expect(conversation.request.messages[0]?.text).toContain("word for word:\n<current-request>\ngo");
  expect(loadView(conversation.path.store, conversation.path.leafId, all).entries).toEqual(conversation.view.entries);
});

test("a refused request of one huge prompt cannot be made shorter", async () => {
  const conversation = new Conversation();
  conversation.prompt("p".repeat(window * 8));
  expect(await conversation.shrink("overflow")).toEqual({ kind: "unchanged", why: "too-little" });
});

test("who asks for it in a short conversation is told that there is nothing to do", async () => {
  const conversation = new Conversation();
  conversation.prompt("one");
  await conversation.step("done");
  expect(await conversation.shrink("asked")).toEqual({ kind: "unchanged", why: "few-messages" });
  expect(conversation.summaries).toBe(0);
});

test("who asks for it in a longer one gets a summary, whatever is used", async () => {
  const conversation = new Conversation();
  for (let turn = 0; turn < 16; turn += 1) {
    conversation.prompt("p".repeat(100));
    await conversation.step("a".repeat(100));
  }
  expect(conversation.meter.reading.percent).toBeLessThan(20);
  expect(await conversation.shrink("asked")).toMatchObject({ kind: "shrunk", step: "summarised" });
  expect(conversation.request.messages.length).toBeLessThan(12);
});

test("whatever is said and done, no request goes out far above the threshold, and none loses a call or result", async () => {
  const stepShape = fc.record({
    name: fc.constantFrom("Read", "Bash"),
    chars: fc.nat({ max: 8000 }),
    endsTurn: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(stepShape, { maxLength: 60 }), async (steps) => {
      const conversation = new Conversation();
      conversation.prompt("begin");
      for (const { name, chars, endsTurn } of steps) {
        await conversation.step("next", { name, result: "r".repeat(chars) });
        if (endsTurn) {
          conversation.end();
          conversation.prompt("go on");
        }
      }
      for (const request of conversation.sent) {
        expect(estimateRequest(request)).toBeLessThan(window * 0.8);
        const asked = request.messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls : []));
        const told = request.messages.flatMap((message) => (message.role === "tool" ? [message.callId] : []));
        expect(told).toEqual(asked.map(({ callId }) => callId));
      }
    }),
    { numRuns: 40 },
  );
});
