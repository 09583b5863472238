import { getHeapStatistics } from "node:v8";
import type { Conversation } from "../conversation.ts";
import type { Report, Task, Work } from "../job.ts";
import { openPeer } from "./open-peer.ts";

/** `heap`, `resident`: what one more session takes, in bytes, after a collection. A session before them has loaded what all share. */
export async function measureIdle(task: Task, work: Extract<Work, { kind: "idle" }>): Promise<Report> {
  const peer = await openPeer(task);
  const first = await peer.converse();
  for (let count = 0; count < 20; count += 1) await first.turn(1);
  const kept: Conversation[] = [first];
  const before = await readMemory();
  for (let count = 0; count < work.sessions; count += 1) {
    const conversation = await peer.converse();
    await conversation.turn(1);
    kept.push(conversation);
  }
  const after = await readMemory();
  const each = (grown: number): number[] => [grown / work.sessions];
  for (const conversation of kept) await conversation[Symbol.asyncDispose]();
  return { heap: each(after.heap - before.heap), resident: each(after.resident - before.resident) };
}

/** Twice, with a pause: what finalizers free goes with the second collection. */
async function readMemory(): Promise<{ readonly heap: number; readonly resident: number }> {
  if (globalThis.gc === undefined) throw new Error("started without --expose-gc");
  for (let count = 0; count < 3; count += 1) {
    // Timers of turns that are over, and batches that are still to be written.
    await new Promise((resolve) => setTimeout(resolve, 150));
    globalThis.gc();
  }
  const { used_heap_size: used, external_memory: external } = getHeapStatistics();
  return { heap: used + external, resident: process.memoryUsage.rss() };
}
