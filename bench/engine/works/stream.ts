import { setTimeout as delay } from "node:timers/promises";
import type { Conversation } from "../conversation.ts";
import type { Reader, Report, Task, Work } from "../job.ts";
import type { KodaConversation } from "../koda-session.ts";
import { openPeer } from "./open-peer.ts";

const TIMES = 3;
const WARM_UP_DELTAS = 2_000;
const SLOW_MS = 10;

/** `delta`: the time of each answer, shared out among its deltas. */
export async function measureStream(task: Task, work: Extract<Work, { kind: "stream" }>): Promise<Report> {
  const peer = await openPeer(task);
  const delta: number[] = [];
  for (let count = 0; count < TIMES; count += 1) {
    await using conversation = await peer.converse();
    using _reader = addReader(conversation, work.reader);
    await conversation.stream(WARM_UP_DELTAS);
    const startedMs = performance.now();
    await conversation.stream(work.deltas);
    delta.push((performance.now() - startedMs) / work.deltas);
  }
  return { delta };
}

function addReader(conversation: Conversation, reader: Reader): Disposable {
  if (reader === "none") return { [Symbol.dispose]: () => undefined };
  const { session } = conversation as KodaConversation; // only Koda is measured with other readers
  let heard = 0;
  if (reader === "listener") {
    const leave = session.subscribe(() => {
      heard += 1;
    });
    return {
      [Symbol.dispose]: () => {
        leave();
        if (heard === 0) throw new Error("the listener heard nothing");
      },
    };
  }
  const stop = new AbortController();
  void readSlowly(session.events(), stop.signal);
  return { [Symbol.dispose]: () => stop.abort() };
}

async function readSlowly(events: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
  for await (const _event of events) {
    if (signal.aborted) return;
    await delay(SLOW_MS);
  }
}
