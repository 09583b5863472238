import type { ServerResponse } from "node:http";
import { openLoopbackServer, pause, type ReceivedRequest, sendError } from "../loopback-server.ts";
import type { ScriptStep } from "./script-step.ts";
import { toEvents } from "./to-events.ts";

export type { ReceivedRequest } from "../loopback-server.ts";
export type { ScriptFault, ScriptStep, ScriptToolCall, ScriptUsage } from "./script-step.ts";

export interface ScriptedServer extends AsyncDisposable {
  /** For `createOpenAi({ baseUrl })` or `OPENAI_BASE_URL`; ends in `/v1`. */
  readonly baseUrl: string;
  /** Every request for an answer so far, in order, those met by a fault too. */
  requests(): readonly ReceivedRequest[];
}

/**
 * A model server for tests: speaks OpenAI's chat-completions stream over real sockets on 127.0.0.1.
 * A list is answered in order, and a request after its end with status 500; a function decides per request.
 * `GET /v1/models` names one model, `scripted`.
 */
export async function openScriptedServer(
  script: readonly ScriptStep[] | ((request: ReceivedRequest) => ScriptStep),
): Promise<ScriptedServer> {
  const received: ReceivedRequest[] = [];
  let callCount = 0;
  const nextCallId = (): string => {
    callCount += 1;
    return `call_${callCount}`;
  };
  const server = await openLoopbackServer(async (request, response) => {
    if (request.method === "GET" && request.path === "/v1/models") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ object: "list", data: [{ id: "scripted", object: "model" }] }));
      return;
    }
    if (request.method !== "POST" || request.path !== "/v1/chat/completions") {
      sendError(response, { status: 404, code: "not_found", message: `no ${request.method} ${request.path} here` });
      return;
    }
    received.push(request);
    const step = typeof script === "function" ? script(request) : script[received.length - 1];
    if (step === undefined) {
      const message = `the script has no answer number ${received.length}`;
      sendError(response, { status: 500, code: "script_ended", message });
      return;
    }
    await answer(step, response, nextCallId);
  });
  return {
    baseUrl: server.baseUrl,
    requests: () => [...received],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function answer(step: ScriptStep, response: ServerResponse, nextCallId: () => string): Promise<void> {
  const { fault } = step;
  if (fault?.kind === "reset") {
    response.destroy();
    return;
  }
  if (fault?.kind === "status") {
    const isText = typeof fault.body === "string";
    response.writeHead(fault.status, { "content-type": isText ? "text/html" : "application/json", ...fault.headers });
    const body = fault.body ?? { error: { message: `scripted status ${fault.status}`, type: "scripted", code: null } };
    response.end(typeof body === "string" ? body : JSON.stringify(body));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  const events = fault?.kind === "empty" ? [] : toEvents(step, { model: "scripted", nextCallId });
  const middle = Math.ceil(events.length / 2);
  for (const [index, event] of events.entries()) {
    if (index === middle && (await strike(step, response)) === "over") return;
    if (fault?.kind === "no-end" && index >= events.length - 3) break;
    if (step.delayMs !== undefined) await pause(response, step.delayMs);
    if (response.destroyed) return;
    await write(response, event, fault?.kind);
  }
  response.end();
}

/** What happens in the middle of the stream; `over` when nothing may follow. */
async function strike({ fault }: ScriptStep, response: ServerResponse): Promise<"go on" | "over"> {
  switch (fault?.kind) {
    case "cut":
      await pause(response, 5); // lets what was written leave before the reset overtakes it
      response.destroy();
      return "over";
    case "error-event": {
      const error = fault.error ?? { message: "scripted failure", type: "server_error", code: null };
      response.end(`data: ${JSON.stringify({ error })}\n\n`);
      return "over";
    }
    case "bad-line":
      response.write("data: {not json\n\n");
      return "go on";
    case "html-between":
      response.write("<html><body>502 Bad Gateway</body></html>\n");
      return "go on";
    case "silence":
      await pause(response, fault.durationMs);
      return "go on";
    default:
      return "go on";
  }
}

async function write(response: ServerResponse, event: string, fault: string | undefined): Promise<void> {
  if (fault !== "byte-writes") {
    response.write(fault === "crlf" ? event.replaceAll("\n", "\r\n") : event);
    return;
  }
  for (const byte of Buffer.from(event)) {
    await new Promise<void>((resolve) => response.write(Buffer.of(byte), () => resolve()));
  }
}
