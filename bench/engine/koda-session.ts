import { KodaAgent, type KodaSession, openSession, type Runner, type Store, type Tool } from "@koda/core";
import { z } from "zod";
import { type Answer, answersOf, type Conversation, PROMPT, SYSTEM_PROMPT } from "./conversation.ts";
import { createModel } from "./koda-model.ts";

export interface KodaConversation extends Conversation {
  readonly session: KodaSession;
}

/** `resume`: the session to go on with; null: a new one. */
export async function converseWithKoda(
  store: Store,
  { projectRoot, resume }: { readonly projectRoot: string; readonly resume: string | null },
): Promise<KodaConversation> {
  const answers: Answer[] = [];
  const session = await openSession({
    agent: KodaAgent.create({ projectRoot, tools: [noop], systemPrompt: SYSTEM_PROMPT }),
    store,
    provider: createModel(answers),
    runner,
    pathGuard: { check: () => ({ kind: "allow" }) },
    mode: "auto",
    proxy: null,
    socks5Proxy: null,
    approvals: "reject",
    ...(resume === null ? {} : { resume }),
  });
  const run = async (next: readonly Answer[]): Promise<{ ownMs: number | null; events: number }> => {
    answers.push(...next);
    let events = 0;
    let ownMs: number | null = null;
    for await (const event of session.runTurn(PROMPT)) {
      events += 1;
      if (event.type !== "turn-end") continue;
      if (event.outcome.kind !== "complete") throw new Error(`a turn ended as ${JSON.stringify(event.outcome)}`);
      ownMs = event.timing.ownMs;
    }
    return { ownMs, events };
  };
  return {
    session,
    turn: (calls) => run(answersOf(calls)),
    stream: async (deltas) => {
      await run([{ kind: "text", deltas }]);
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

const noop: Tool = {
  name: "Noop",
  description: "Does nothing.",
  inputSchema: z.object({ index: z.number().optional() }),
  assess: () => ({ effect: "read-only", paths: [], commands: [], subject: "nothing" }),
  execute: async () => ({ text: "ok", isError: false }),
};

/** No command runs in this bench; what is said here lets a session be opened in Auto mode. */
const runner: Runner = { enforcement: "kernel", run: () => Promise.reject(new Error("no command was to run")) };
