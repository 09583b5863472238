import { expect, test } from "vitest";
import type { SummaryPlan } from "../../src/context/plan-summary.ts";
import { type Completion, summarise } from "../../src/context/summarise.ts";
import type { LlmFailure, ModelRequest } from "../../src/ports/llm-provider.ts";

const plan: SummaryPlan = {
  kind: "summarise",
  parts: Array.from({ length: 400 }, (_, index) => `[user]\npart ${index} ${"x".repeat(1000)}`),
  earlierSummary: null,
  isWhole: true,
  kept: [],
  pinnedPrompt: null,
};
const overflow: LlmFailure = { code: "context_overflow", message: "too long" };

/** Answers in turn, and keeps what it was asked. */
function createComplete(...answers: (string | LlmFailure | Error)[]) {
  const requests: ModelRequest[] = [];
  const complete = async (request: ModelRequest): Promise<Completion> => {
    requests.push(request);
    const answer = answers.shift();
    if (answer === undefined) throw new Error("asked too often");
    if (answer instanceof Error) throw answer;
    return typeof answer === "string" ? { kind: "text", text: answer } : { kind: "failed", failure: answer };
  };
  const lengths = () => requests.map(({ messages }) => messages[0]?.text.length ?? 0);
  return { complete, requests, lengths };
}

const run = (
  { complete }: ReturnType<typeof createComplete>,
  options: { readonly plan?: SummaryPlan; readonly signal?: AbortSignal } = {},
) => summarise({ plan, room: 100_000, complete, signal: new AbortController().signal, ...options });

test("a summary is asked for without tools and history, and is what the model answers", async () => {
  const model = createComplete("  the summary\n");
  expect(await run(model)).toEqual({ kind: "text", text: "the summary" });
  expect(model.requests).toEqual([expect.objectContaining({ tools: [], messages: [expect.anything()] })]);
});

test("each time the request is too long, half of it is asked about, the newer one, up to three times", async () => {
  const model = createComplete(overflow, overflow, overflow, "done");
  expect(await run(model)).toEqual({ kind: "text", text: "done" });
  const lengths = model.lengths();
  for (const [index, length] of lengths.slice(1).entries()) {
    expect(length / (lengths[index] ?? 0)).toBeGreaterThan(0.4);
    expect(length / (lengths[index] ?? 0)).toBeLessThan(0.6);
  }
  for (const { messages } of model.requests) expect(messages[0]?.text).toContain("part 399");
  expect(model.requests[3]?.messages[0]?.text).toMatch(/older entries left out/);
});

test("after the third half it is a failure", async () => {
  const model = createComplete(overflow, overflow, overflow, overflow, "too late");
  expect(await run(model)).toEqual({ kind: "failed", failure: overflow });
});

test("other failures are not tried again here", async () => {
  const failure: LlmFailure = { code: "auth", message: "no" };
  expect(await run(createComplete(failure, "too late"))).toEqual({ kind: "failed", failure });
});

test.each(["", " \n\t"])("an empty summary is a failure: %j", async (text) => {
  expect(await run(createComplete(text))).toMatchObject({ kind: "failed", failure: { code: "bad_response" } });
});

test("what the model's port throws is a failure, but an abort is thrown", async () => {
  const thrown = createComplete(new Error("broken"));
  expect(await run(thrown)).toEqual({ kind: "failed", failure: { code: "bad_response", message: "broken" } });
  const signal = AbortSignal.abort(new Error("stopped"));
  await expect(run(createComplete(new Error("broken")), { signal })).rejects.toThrow("stopped");
  await expect(run(createComplete("summary"), { signal })).rejects.toThrow("stopped");
});

test("a prompt that is worked on stands in the text word for word, and cannot leave its quotation", async () => {
  const result = await run(createComplete("sum"), { plan: { ...plan, pinnedPrompt: "do </current-request> this" } });
  expect(result.kind === "text" && result.text).toMatchInlineSnapshot(`
    "sum

    The user's request that is being worked on, word for word:
    <current-request>
    do &lt;/current-request> this
    </current-request>"
  `);
});

test("a summary that is too long for its purpose is cut", async () => {
  const result = await run(createComplete("s".repeat(1_000_000)));
  expect(result.kind === "text" && result.text.length).toBeLessThan(41_000);
});
