import { appendFile, open } from "node:fs/promises";
import { ProviderError } from "../errors.ts";
import { type Exchange, toCassetteLine } from "./cassette.ts";

/** A `fetch` to hand to `createOpenAi`. */
export type RecordingFetch = typeof fetch;

/** Only what a replay needs; others may hold cookies or account names. */
const keptResponseHeaders = ["content-type", "retry-after", "retry-after-ms"];

/**
 * A fetch that writes every exchange to the cassette at `path`, whole, before the reader sees its end, so that
 * a killed process loses the running exchange at most. A reader that leaves early records what it had read.
 * Requests that got no answer are not recorded. Headers of requests and query strings are never written;
 * prompts and answers are. The file is created with mode 0600, or continued.
 *
 * When the file cannot be written (no rights, a full disk), the answer ends with a {@link ProviderError} `bad_cassette`
 * naming the file, and every later request is refused with it: a cassette with a gap would replay as another session.
 */
export function recordingFetch(path: string, inner: typeof fetch = fetch): RecordingFetch {
  let last: Promise<void> = Promise.resolve();
  const append = (exchange: Exchange): Promise<void> => {
    last = last.then(() => write(path, exchange));
    return last;
  };
  return async (input, init) => {
    await last; // what could not be written once ends the recording
    const request = new Request(input, init);
    const body = parseBody(await request.clone().text());
    const response = await inner(request);
    const headers = Object.fromEntries(
      keptResponseHeaders.flatMap((name) => {
        const value = response.headers.get(name);
        return value === null ? [] : [[name, value]];
      }),
    );
    const record = (chunks: readonly string[]): Promise<void> =>
      append({
        request: { method: request.method, path: new URL(request.url).pathname, body },
        response: { status: response.status, headers, chunks },
      });
    if (response.body === null) {
      await record([]);
      return response;
    }
    return new Response(tee(response.body, record), response);
  };
}

async function write(path: string, exchange: Exchange): Promise<void> {
  try {
    await appendExchange(path, exchange);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProviderError("bad_cassette", `cannot write the cassette ${path}: ${reason}`, { cause });
  }
}

async function appendExchange(path: string, exchange: Exchange): Promise<void> {
  const file = await open(path, "a", 0o600);
  const isNew = await file
    .stat()
    .then((stat) => stat.size === 0)
    .finally(() => file.close());
  const header = isNew
    ? toCassetteLine({
        koda: "cassette",
        version: 1,
        provider: "openai",
        model: modelOf(exchange.request.body),
        recordedAtMs: Date.now(),
      })
    : "";
  await appendFile(path, header + toCassetteLine(exchange), { flush: true });
}

/** The same bytes; `record` is awaited before the end, and before an early leave is done. */
function tee(
  body: ReadableStream<Uint8Array>,
  record: (chunks: readonly string[]) => Promise<void>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const chunks: string[] = [];
  const keep = (text: string): void => {
    if (text !== "") chunks.push(text);
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await reader.read().catch(async (error: unknown) => {
          await record(chunks);
          throw error;
        });
        if (!done) {
          keep(decoder.decode(value, { stream: true }));
          controller.enqueue(value);
          return;
        }
        keep(decoder.decode());
        await record(chunks);
        controller.close();
      },
      async cancel(reason) {
        await reader.cancel(reason);
        await record(chunks);
      },
    },
    { highWaterMark: 0 },
  );
}

function parseBody(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text; // not every API takes JSON; the text is as good a record
  }
}

function modelOf(body: unknown): string {
  const hasModel = typeof body === "object" && body !== null && "model" in body && typeof body.model === "string";
  return hasModel ? String(body.model) : "unknown";
}
