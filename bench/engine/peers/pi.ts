import { setImmediate } from "node:timers/promises";
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

/** The parts of pi that are used here; it is no dependency, so its types are not to be had. */
interface PiAgent {
  readonly state: { readonly errorMessage?: string; readonly messages: readonly unknown[] };
  prompt(text: string): Promise<void>;
  subscribe(listener: (event: unknown) => void): () => void;
}

interface Pi {
  readonly Agent: new (options: Record<string, unknown>) => PiAgent;
}

interface Stream {
  push(event: unknown): void;
}

interface PiAi {
  createAssistantMessageEventStream(): Stream;
}

interface TypeBox {
  readonly Type: {
    Object(properties: Record<string, unknown>): unknown;
    Optional(schema: unknown): unknown;
    Number(): unknown;
  };
}

/** Its `Agent` with a stream function that answers at once. */
export const open: OpenPeer = async () => {
  const pi = (await import(findPeerFile("@mariozechner/pi-agent-core/dist/index.js"))) as Pi;
  const ai = (await import(findPeerFile("@mariozechner/pi-ai/dist/index.js"))) as PiAi;
  const { Type } = (await import(findPeerFile("typebox/build/index.mjs"))) as TypeBox;
  const parameters = Type.Object({ index: Type.Optional(Type.Number()) });
  return { converse: async () => converse({ pi, ai, parameters }) };
};

function converse(modules: { readonly pi: Pi; readonly ai: PiAi; readonly parameters: unknown }): Conversation {
  const { pi, ai, parameters } = modules;
  const answers: Answer[] = [];
  const tool = {
    name: "Noop",
    label: "Noop",
    description: "Does nothing.",
    parameters,
    execute: async () => ({ content: [{ type: "text", text: "ok" }], details: {} }),
  };
  const agent = new pi.Agent({
    initialState: { systemPrompt: SYSTEM_PROMPT, model: scriptedModel, tools: [tool], messages: [] },
    streamFn: () => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error("the script is at its end");
      const stream = ai.createAssistantMessageEventStream();
      void tell(stream, answer);
      return stream;
    },
  });
  let events = 0;
  agent.subscribe(() => {
    events += 1;
  });
  const run = async (next: readonly Answer[]): Promise<{ ownMs: null; events: number }> => {
    answers.push(...next);
    events = 0;
    await agent.prompt(PROMPT);
    if (agent.state.errorMessage !== undefined) throw new Error(agent.state.errorMessage);
    if (answers.length > 0) throw new Error("a turn ended before its script");
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

/** As many come with one packet of a network: between packets the reader is let through, for its queue has no bound. */
const DELTAS_AT_ONCE = 50;

async function tell(stream: Stream, answer: Answer): Promise<void> {
  const message = createMessage(answer);
  const { content: whole } = message;
  const partial = { ...message, content: [] as unknown[] };
  stream.push({ type: "start", partial });
  if (answer.kind === "text") {
    const content = { type: "text", text: "" };
    partial.content = [content];
    stream.push({ type: "text_start", contentIndex: 0, partial });
    for (let count = 0; count < answer.deltas; count += 1) {
      content.text += WORD;
      stream.push({ type: "text_delta", contentIndex: 0, delta: WORD, partial });
      if (count % DELTAS_AT_ONCE === 0) await setImmediate();
    }
    stream.push({ type: "text_end", contentIndex: 0, content: content.text, partial });
  } else {
    for (const [contentIndex, toolCall] of whole.entries()) {
      partial.content = whole.slice(0, contentIndex + 1);
      stream.push({ type: "toolcall_start", contentIndex, partial });
      stream.push({ type: "toolcall_end", contentIndex, toolCall, partial });
    }
  }
  stream.push({ type: "done", reason: message.stopReason, message });
}

function createMessage(answer: Answer) {
  const content =
    answer.kind === "text"
      ? [{ type: "text", text: WORD.repeat(answer.deltas) }]
      : Array.from({ length: answer.count }, (_, index) => ({
          type: "toolCall",
          id: `call_${index}`,
          name: "Noop",
          arguments: { index },
        }));
  return {
    role: "assistant",
    content,
    ...{ api: scriptedModel.api, provider: scriptedModel.provider, model: scriptedModel.id },
    usage: { input: 20_000, output: 10, cacheRead: 0, cacheWrite: 0, totalTokens: 20_010, cost: noCost },
    stopReason: answer.kind === "text" ? "stop" : "toolUse",
    timestamp: Date.now(),
  };
}

const noCost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 };
const scriptedModel = {
  id: "script-1",
  name: "script-1",
  api: "scripted",
  provider: "scripted",
  baseUrl: "",
  reasoning: false,
  input: ["text"],
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  contextWindow: 200_000,
  maxTokens: 10_000,
};
