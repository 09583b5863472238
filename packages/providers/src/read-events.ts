import { createParser } from "eventsource-parser";
import { ProviderError } from "./errors.ts";

export interface ServerSentEvent {
  /** Absent when the server named none. */
  readonly event?: string | undefined;
  readonly data: string;
}

export interface ReadEventsOptions {
  readonly signal: AbortSignal;
  /** The longest silence between two pieces of the body, in ms. */
  readonly silenceMs: number;
  /** Names the server in errors. */
  readonly server: string;
}

/** Far above any event a model server sends; bounds what one that never ends a line can make us hold. */
const maxEventCharacters = 16 * 1024 * 1024;

/**
 * Decodes a `text/event-stream` body (WHATWG HTML §9.2): any line ending, characters split anywhere,
 * a last event without its blank line. Lines that are no field are ignored.
 * Leaving the loop cancels the body.
 *
 * @throws {ProviderError} `stream_cut` when the connection breaks or stays silent, `bad_response` for an
 *   event of more than 16 Mi characters; `signal.reason` when aborted. A {@link ProviderError} of the body's own
 *   (a recording that cannot be kept) passes, also where leaving the loop brings it out.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  options: ReadEventsOptions,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const ready: ServerSentEvent[] = [];
  let isTooLong = false;
  const parser = createParser({
    onEvent: (event) => ready.push(event),
    onError: (error) => {
      isTooLong ||= error.type === "max-buffer-size-exceeded";
    },
    maxBufferSize: maxEventCharacters,
  });
  // Cancelling ends a pending read, also for a body that does not hear of aborts itself.
  const stop = (): void => void reader.cancel().catch(ignore);
  let isSilent = false;
  const timer = setTimeout(() => {
    isSilent = true;
    stop();
  }, options.silenceMs);
  options.signal.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      options.signal.throwIfAborted();
      const { value, done } = await reader.read().catch((cause: unknown) => {
        options.signal.throwIfAborted();
        if (cause instanceof ProviderError) throw cause;
        throw new ProviderError("stream_cut", `the connection to ${options.server} broke in mid-answer`, { cause });
      });
      options.signal.throwIfAborted();
      if (isSilent) {
        throw new ProviderError(
          "stream_cut",
          `${options.server} sent nothing for ${options.silenceMs} ms in mid-answer`,
        );
      }
      timer.refresh();
      parser.feed(done ? "\n\n" : decoder.decode(value, { stream: true }));
      yield* ready.splice(0);
      if (isTooLong) {
        throw new ProviderError(
          "bad_response",
          `${options.server} sent an event of more than ${maxEventCharacters} characters`,
        );
      }
      if (done) return;
    }
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", stop);
    await reader.cancel().catch(ignoreForeign);
  }
}

/** For a body we are done with: how its connection ended no longer matters, what was lost of its recording does. */
function ignoreForeign(error: unknown): void {
  if (error instanceof ProviderError) throw error;
}

/** For a body whose failure is reported by `read` or at the end. */
function ignore(): void {
  return;
}
