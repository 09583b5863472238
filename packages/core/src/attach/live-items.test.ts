import { expect, test } from "vitest";
import { toLiveItems } from "./live-items.ts";

const batch = (eventsJson: string, count: number) => ({ fence: 1, firstSeq: 7, count, eventsJson, createdAtMs: 1 });

test("events are numbered on from the first; a mark between them has no number", () => {
  const mark = { mark: "settled", leafId: null, draftText: 0, draftThinking: 0 };
  expect(toLiveItems(batch(JSON.stringify([{ type: "a" }, mark, { type: "b" }]), 2))).toEqual([
    { kind: "event", seq: 7, event: { type: "a" } },
    { kind: "mark", mark },
    { kind: "event", seq: 8, event: { type: "b" } },
  ]);
});

test.each(["", "{}", "[1]", "[1,2,3]", "[1,2"])("a batch of two events that holds %j is refused", (json) => {
  expect(() => toLiveItems(batch(json, 2))).toThrow(expect.objectContaining({ code: "store_failed" }));
});
