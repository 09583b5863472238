import { CoreError } from "../errors.ts";
import { type LiveMark, liveMarkSchema } from "../events/live-mark.ts";
import type { LiveBatch } from "../store/live-store.ts";

/** What a batch of the live log holds, in order. Events are unchecked; only they have a number. */
export type LiveItem =
  | { readonly kind: "event"; readonly seq: number; readonly event: unknown }
  | { readonly kind: "mark"; readonly mark: LiveMark };

/** @throws {CoreError} `store_failed` for a batch that is no JSON array of `count` events. */
export function toLiveItems(batch: LiveBatch): readonly LiveItem[] {
  const items: LiveItem[] = [];
  let seq = batch.firstSeq;
  for (const value of parseArray(batch.eventsJson)) {
    const mark = liveMarkSchema.safeParse(value);
    if (mark.success) items.push({ kind: "mark", mark: mark.data });
    else {
      items.push({ kind: "event", seq, event: value });
      seq += 1;
    }
  }
  if (seq !== batch.firstSeq + batch.count) throw toFailure();
  return items;
}

function parseArray(json: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw toFailure(error);
  }
  if (Array.isArray(value)) return value;
  throw toFailure();
}

const toFailure = (cause?: unknown): CoreError =>
  new CoreError("store_failed", "live events in the store cannot be understood", { cause });
