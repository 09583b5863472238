import assert from "node:assert/strict";
import { openWriter, sampleUsage } from "./sample-records.ts";
import { assertRefused, type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

const day = 86_400_000;

/** What sessions cost, and what was remarkable. */
export const ledgerCases: readonly StoreConformanceCase[] = [
  toCase("requests come back in order, and what the provider did not tell stays absent", (store) => {
    const writer = openWriter(store, "s1");
    const plain = sampleUsage();
    const failed = sampleUsage({
      label: "title",
      step: 0,
      attempt: 2,
      outcome: "failed",
      failureCode: "rate_limited",
      retryAfterMs: 1500,
      costMicros: null,
      cacheWriteTokens: 7,
    });
    store.recordUsage(writer, plain);
    store.recordUsage(writer, failed);
    assert.deepEqual(store.listUsage("s1"), [plain, failed]);
    assert.deepEqual(store.listUsage("s2"), []);
  }),

  toCase("usage adds up, and an unknown price is not nothing", (store) => {
    const writer = openWriter(store, "s1");
    const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, thinkingTokens: 0 };
    assert.deepEqual(store.readUsage("s1"), { ...none, costMicros: null, unpricedRequests: 0, requests: 0 });
    store.recordUsage(writer, sampleUsage({ ...none, costMicros: null, outcome: "failed", failureCode: "network" }));
    store.recordUsage(writer, sampleUsage({ costMicros: null }));
    assert.equal(store.readUsage("s1").costMicros, null);
    store.recordUsage(writer, sampleUsage({ costMicros: 0 }));
    store.recordUsage(writer, sampleUsage({ inputTokens: 50, cacheWriteTokens: 9, costMicros: 18_000_000 }));
    assert.deepEqual(store.readUsage("s1"), {
      inputTokens: 250,
      outputTokens: 60,
      cacheReadTokens: 15,
      cacheWriteTokens: 9,
      thinkingTokens: 3,
      costMicros: 18_000_000,
      unpricedRequests: 1,
      requests: 4,
    });
  }),

  toCase("a request that is no number is refused", (store) => {
    const writer = openWriter(store, "s1");
    assertRefused("store_rejected", () => store.recordUsage(writer, sampleUsage({ inputTokens: Number.NaN })));
    assertRefused("store_rejected", () => store.recordUsage(writer, sampleUsage({ outputTokens: 2 ** 60 })));
    assert.equal(store.readUsage("s1").requests, 0);
  }),

  toCase("sums by model have the dearest first, and those without a price last", (store) => {
    const writer = openWriter(store, "s1");
    for (const [model, costMicros] of [
      ["cheap", 1],
      ["free", 0],
      ["dear", 500],
      ["dear", 400],
      ["dark", null],
    ] as const) {
      store.recordUsage(writer, sampleUsage({ model, costMicros }));
    }
    store.recordUsage(writer, sampleUsage({ model: "darker", costMicros: null, inputTokens: 900 }));
    const groups = store.sumUsage("model", { sessionId: null });
    assert.deepEqual(
      groups.map(({ key, costMicros, requests }) => [key, costMicros, requests]),
      [
        ["dear", 900, 2],
        ["cheap", 1, 1],
        ["free", 0, 1],
        ["darker", null, 1],
        ["dark", null, 1],
      ],
    );
  }),

  toCase("sums by day ascend, in UTC, and within what is asked for", (store) => {
    const writer = openWriter(store, "s1");
    for (const createdAtMs of [3 * day, day - 1, day]) store.recordUsage(writer, sampleUsage({ createdAtMs }));
    store.recordUsage(writer, sampleUsage({ createdAtMs: day, model: "large" }));
    const days = (filter: object): unknown =>
      store.sumUsage("day", { sessionId: "s1", ...filter }).map(({ key, requests }) => [key, requests]);
    assert.deepEqual(days({}), [
      ["1970-01-01", 1],
      ["1970-01-02", 2],
      ["1970-01-04", 1],
    ]);
    assert.deepEqual(days({ fromMs: day, toMs: day }), [["1970-01-02", 2]]);
    assert.deepEqual(days({ model: "large" }), [["1970-01-02", 1]]);
    assert.deepEqual(days({ fromMs: 9 * day }), []);
  }),

  toCase("what the children of a session use, and theirs, counts for it in sums, and not in its own total", (store) => {
    store.recordUsage(openWriter(store, "s1"), sampleUsage());
    store.recordUsage(openWriter(store, "s2", { parentId: "s1" }), sampleUsage());
    store.recordUsage(openWriter(store, "s3", { parentId: "s2" }), sampleUsage());
    store.recordUsage(openWriter(store, "s4"), sampleUsage());
    assert.equal(store.readUsage("s1").requests, 1);
    assert.equal(store.sumUsage("model", { sessionId: "s1" })[0]?.requests, 3);
    assert.equal(store.sumUsage("model", { sessionId: "s2" })[0]?.requests, 2);
    assert.equal(store.sumUsage("model", { sessionId: null })[0]?.requests, 4);
    assert.deepEqual(store.sumUsage("model", { sessionId: "nope" }), []);
  }),

  toCase("of the audit log the last 10,000 records of a session are kept", (store) => {
    const writer = openWriter(store, "s1");
    const record = { kind: "secret", severity: "critical", action: "redacted", createdAtMs: 3000 } as const;
    store.together(() => {
      for (let index = 0; index < 10_002; index += 1) store.recordAudit(writer, { ...record, text: `${index}` });
    });
    const kept = store.listAudit("s1");
    assert.equal(kept.length, 10_000);
    assert.deepEqual(kept[0], { ...record, text: "2" });
    assert.deepEqual(kept.at(-1), { ...record, text: "10001" });
    assert.deepEqual(store.listAudit("s2"), []);
  }),
];
