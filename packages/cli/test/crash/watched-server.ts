import { openScriptedServer, type ScriptedServer } from "@koda/providers/testing";
import { findOrphans, findRewriting } from "./check-request.ts";
import { answerAs } from "./scripted-model.ts";
import { parseMessages, type WireMessage } from "./wire-message.ts";

/** The model's server, which checks what it is asked. */
export interface WatchedServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** Requests so far. */
  requestCount(): number;
  /** What was wrong with the requests since the last time. */
  takeFaults(): readonly string[];
  /** The next request begins a new conversation. */
  forget(): void;
}

export async function openWatchedServer(): Promise<WatchedServer> {
  const faults: string[] = [];
  let earlier: readonly WireMessage[] = [];
  const server: ScriptedServer = await openScriptedServer(({ body }) => {
    const messages = parseMessages(body);
    faults.push(...findOrphans(messages), ...findRewriting(earlier, messages));
    earlier = messages;
    return answerAs(messages);
  });
  return {
    baseUrl: server.baseUrl,
    requestCount: () => server.requests().length,
    takeFaults: () => faults.splice(0),
    forget() {
      earlier = [];
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
