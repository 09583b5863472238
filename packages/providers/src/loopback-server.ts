import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** An HTTP server on 127.0.0.1 that only this process's owner is meant to use. */
export interface LoopbackServer extends AsyncDisposable {
  /** With the `/v1` that clients of OpenAI expect at the end. */
  readonly baseUrl: string;
}

export interface ReceivedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Parsed JSON; the text when it is none; null when there was no body. */
  readonly body: unknown;
}

/**
 * Listens on a free port of 127.0.0.1. A handler that throws answers 500 with its message.
 * Disposing breaks open connections and resolves when the port is free.
 */
export async function openLoopbackServer(
  handle: (request: ReceivedRequest, response: ServerResponse) => Promise<void>,
): Promise<LoopbackServer> {
  const server = createServer((incoming, response) => {
    receive(incoming)
      .then((request) => handle(request, response))
      .catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else sendError(response, { status: 500, code: "server_error", message: String(error) });
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An error answer in OpenAI's shape. */
export function sendError(
  response: ServerResponse,
  failure: { readonly status: number; readonly code: string; readonly message: string },
): void {
  const { status, code, message } = failure;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message, type: code, code, param: null } }));
}

/** Waits; no longer than the connection of `response` lives. */
export function pause(response: ServerResponse, durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      response.off("close", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    response.once("close", end);
    if (response.closed) end();
  });
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  const text = Buffer.concat(pieces).toString("utf8");
  return {
    method: incoming.method ?? "",
    path: (incoming.url ?? "").replace(/\?.*$/s, ""),
    headers: incoming.headers,
    body: text === "" ? null : parseJson(text),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // kept as it came, for the test that looks at it
  }
}
