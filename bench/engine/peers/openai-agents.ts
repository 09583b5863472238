import { z } from "zod";
import {
  type Answer,
  answersOf,
  type Conversation,
  type OpenPeer,
  PROMPT,
  SYSTEM_PROMPT,
  WORD,
} from "../conversation.ts";
import { findPeerFile } from "../peers.ts";

/** The parts of the agents package that are used here; it is no dependency, so its types are not to be had. */
interface Agents {
  readonly Agent: new (options: Record<string, unknown>) => unknown;
  readonly Runner: new (
    options: Record<string, unknown>,
  ) => {
    run(agent: unknown, input: readonly unknown[], options: Record<string, unknown>): Promise<StreamedRun>;
  };
  tool(options: Record<string, unknown>): unknown;
}

interface StreamedRun extends AsyncIterable<unknown> {
  readonly completed: Promise<void>;
  readonly history: readonly unknown[];
  readonly error: unknown;
}

/** A streamed run of its runner, tracing off, the history handed on from turn to turn. */
export const open: OpenPeer = async () => {
  const agents = (await import(findPeerFile("@openai/agents-core/dist/index.mjs"))) as Agents;
  return { converse: async () => converse(agents) };
};

function converse(agents: Agents): Conversation {
  const answers: Answer[] = [];
  const tool = agents.tool({
    name: "Noop",
    description: "Does nothing.",
    parameters: z.object({ index: z.number() }),
    execute: async () => "ok",
  });
  const agent = new agents.Agent({
    name: "bench",
    instructions: SYSTEM_PROMPT,
    model: createModel(answers),
    tools: [tool],
  });
  const runner = new agents.Runner({ tracingDisabled: true });
  let history: readonly unknown[] = [];
  const run = async (next: readonly Answer[]): Promise<{ ownMs: null; events: number }> => {
    answers.push(...next);
    const input = [...history, { role: "user", content: PROMPT }];
    const result = await runner.run(agent, input, { stream: true, maxTurns: 20 });
    let events = 0;
    for await (const _event of result) events += 1;
    await result.completed;
    if (result.error !== null && result.error !== undefined) throw result.error;
    if (answers.length > 0) throw new Error("a turn ended before its script");
    ({ history } = result);
    return { ownMs: null, events };
  };
  return {
    turn: (calls) => run(answersOf(calls)),
    stream: async (deltas) => {
      await run([{ kind: "text", deltas }]);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function createModel(answers: Answer[]): unknown {
  let responses = 0;
  return {
    getResponse: () => Promise.reject(new Error("only streams were to be asked for")),
    async *getStreamedResponse() {
      const answer = answers.shift();
      if (answer === undefined) throw new Error("the script is at its end");
      responses += 1;
      yield { type: "response_started" };
      if (answer.kind === "text") {
        for (let count = 0; count < answer.deltas; count += 1) yield { type: "output_text_delta", delta: WORD };
      }
      const usage = { inputTokens: 20_000, outputTokens: 10, totalTokens: 20_010 };
      yield {
        type: "response_done",
        response: { id: `response_${responses}`, usage, output: toOutput(answer, responses) },
      };
    },
  };
}

function toOutput(answer: Answer, response: number): readonly unknown[] {
  if (answer.kind === "text") {
    const content = [{ type: "output_text", text: WORD.repeat(answer.deltas) }];
    return [{ type: "message", id: `message_${response}`, role: "assistant", status: "completed", content }];
  }
  return Array.from({ length: answer.count }, (_, index) => ({
    type: "function_call",
    id: `item_${response}_${index}`,
    callId: `call_${response}_${index}`,
    name: "Noop",
    status: "completed",
    arguments: `{"index":${index}}`,
  }));
}
