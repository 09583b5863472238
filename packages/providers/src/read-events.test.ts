import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvents, type ServerSentEvent } from "./read-events.ts";

const options = { signal: new AbortController().signal, silenceMs: 10_000, server: "S" };

async function read(pieces: readonly Uint8Array[]): Promise<readonly ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(ReadableStream.from(pieces), options)) events.push(event);
  return events;
}

test("events come out the same however their bytes are cut and their lines end", async () => {
  const datum = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\r\n]|^ |^\uFEFF/.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(datum), fc.constantFrom("\n", "\r\n"), fc.nat(7), async (data, lineEnd, size) => {
      const bytes = new TextEncoder().encode(data.map((text) => `data: ${text}${lineEnd}${lineEnd}`).join(""));
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size + 1) pieces.push(bytes.slice(at, at + size + 1));
      expect((await read(pieces)).map((event) => event.data)).toEqual(data);
    }),
  );
});

test("a last event without its blank line is given", async () => {
  expect(await read([new TextEncoder().encode("event: error\ndata: x")])).toMatchObject([
    { event: "error", data: "x" },
  ]);
});

test("an event that never ends is refused before it fills the memory", async () => {
  const piece = new TextEncoder().encode("x".repeat(1024 * 1024));
  const pieces = [new TextEncoder().encode("data: "), ...Array.from({ length: 20 }, () => piece)];
  await expect(read(pieces)).rejects.toMatchObject({ code: "bad_response" });
});

test("leaving the loop cancels the body", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
    cancel: () => {
      isCancelled = true;
    },
  });
  for await (const event of readEvents(body, options)) {
    expect(event.data).toBe("x");
    break;
  }
  expect(isCancelled).toBe(true);
});

test("aborting ends a silent body at once with the reason", async () => {
  const abort = new AbortController();
  const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
  const reading = readEvents(body, { ...options, signal: abort.signal }).next();
  abort.abort(new Error("stop"));
  await expect(reading).rejects.toThrow("stop");
});
