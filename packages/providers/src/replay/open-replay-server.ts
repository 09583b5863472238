import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { ProviderError } from "../errors.ts";
import { openLoopbackServer, pause, sendError } from "../loopback-server.ts";
import { type CassetteHeader, type Exchange, parseCassette } from "./cassette.ts";

export interface ReplayOptions {
  /** Path of the file. */
  readonly cassette: string;
  /** Replays are for this machine only. */
  readonly host?: "127.0.0.1" | undefined;
  /** Waited before each recorded piece; default 0. */
  readonly delayMs?: number | undefined;
}

export interface ReplayServer extends AsyncDisposable {
  /** For `createOpenAi({ baseUrl })`; ends in `/v1`. */
  readonly baseUrl: string;
  readonly header: CassetteHeader;
  /** The bodies of all requests for an answer so far, parsed. */
  requests(): readonly unknown[];
}

/**
 * A model server that answers `POST /v1/chat/completions` with the recorded exchanges in order, whatever is asked:
 * same status, same bytes, same pieces. After the last one it answers 500 in OpenAI's error shape.
 *
 * @throws {ProviderError} `bad_cassette` when the file cannot be read or holds no exchange.
 */
export async function openReplayServer(options: ReplayOptions): Promise<ReplayServer> {
  const text = await readFile(options.cassette, "utf8").catch((cause: unknown) => {
    throw new ProviderError("bad_cassette", `cannot read the cassette ${options.cassette}`, { cause });
  });
  const cassette = parseCassette(text);
  const exchanges = cassette.exchanges.filter(({ request }) => request.path.endsWith("/chat/completions"));
  if (exchanges.length === 0) {
    throw new ProviderError("bad_cassette", `the cassette ${options.cassette} holds no exchange with a model`);
  }
  const bodies: unknown[] = [];
  const server = await openLoopbackServer(async (request, response) => {
    if (request.method !== "POST" || request.path !== "/v1/chat/completions") {
      sendError(response, { status: 404, code: "not_found", message: `no ${request.method} ${request.path} here` });
      return;
    }
    bodies.push(request.body);
    const exchange = exchanges[bodies.length - 1];
    if (exchange === undefined) {
      const message = `the cassette ended: request ${bodies.length} of ${exchanges.length}`;
      sendError(response, { status: 500, code: "cassette_ended", message });
      return;
    }
    await play(exchange, response, options.delayMs ?? 0);
  });
  return {
    baseUrl: server.baseUrl,
    header: cassette.header,
    requests: () => [...bodies],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function play({ response: recorded }: Exchange, response: ServerResponse, delayMs: number): Promise<void> {
  response.writeHead(recorded.status, recorded.headers);
  response.flushHeaders();
  for (const chunk of recorded.chunks) {
    if (delayMs > 0) await pause(response, delayMs);
    if (response.destroyed) return;
    response.write(chunk);
  }
  response.end();
}
