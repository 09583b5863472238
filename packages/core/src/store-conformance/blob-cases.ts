import assert from "node:assert/strict";
import { openWriter, samplePrompt } from "./sample-records.ts";
import { type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

/** Bytes by their hash, and the last events of a session. */
export const blobCases: readonly StoreConformanceCase[] = [
  toCase("bytes come back as they were, by their SHA-256", (store) => {
    const writer = openWriter(store, "s1");
    const samples = [
      bytesOf("abc"),
      new Uint8Array(0),
      bytesOf("long ".repeat(100_000)),
      Uint8Array.from({ length: 300 }, (_, index) => (index * 97 + ((index * index) % 251)) % 256),
    ];
    const hashes = samples.map((bytes) => store.writeBlob(writer, bytes));
    assert.equal(hashes[0], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    for (const [index, hash] of hashes.entries()) {
      assert.deepEqual(Buffer.from(store.readBlob("s1", hash) ?? "none"), Buffer.from(samples[index] ?? "missing"));
    }
    assert.equal(store.writeBlob(writer, bytesOf("abc")), hashes[0]);
  }),

  toCase("a guessed hash opens nothing", (store) => {
    const hash = store.writeBlob(openWriter(store, "s1"), bytesOf("secret"));
    const other = openWriter(store, "s2");
    assert.equal(store.readBlob("s2", hash), null);
    assert.equal(store.readBlob("nope", hash), null);
    assert.equal(store.readBlob("s1", hash.replace(/^./, hash.startsWith("0") ? "1" : "0")), null);
    store.writeBlob(other, bytesOf("secret"));
    assert.deepEqual(store.readBlob("s2", hash)?.length, 6);
  }),

  toCase("a fork reads the bytes that its path refers to", (store) => {
    const writer = openWriter(store, "s1");
    const hash = store.writeBlob(writer, bytesOf("before"));
    store.appendEntry(writer, samplePrompt("s1", "e1", null));
    openWriter(store, "s2", { parentId: "s1", leafId: "e1" });
    openWriter(store, "s3", { parentId: "s1" });
    assert.equal(store.readBlob("s2", hash)?.length, 6);
    assert.equal(store.readBlob("s3", hash), null);
  }),

  toCase("collecting takes away what no session refers to, and only that", (store) => {
    const first = openWriter(store, "s1");
    const shared = store.writeBlob(first, bytesOf("shared"));
    store.writeBlob(first, bytesOf("alone"));
    store.writeBlob(openWriter(store, "s2"), bytesOf("shared"));
    assert.equal(store.collectBlobs(), 0);
    store.deleteSession(first);
    assert.equal(store.collectBlobs(), 1);
    assert.equal(store.collectBlobs(), 0);
    assert.equal(store.readBlob("s2", shared)?.length, 6);
  }),

  toCase("of the live events those are kept that are new enough, and few enough", (store) => {
    const writer = openWriter(store, "s1");
    const write = (firstSeq: number, count: number, createdAtMs: number, sinceMs: number): void =>
      store.writeLive(
        writer,
        { firstSeq, count, eventsJson: JSON.stringify(Array.from({ length: count }, () => ({}))), createdAtMs },
        { events: 10, sinceMs },
      );
    write(1, 4, 1000, 0);
    write(5, 4, 2000, 0);
    assert.deepEqual(store.readLive("s1", 0)[1], {
      fence: 1,
      firstSeq: 5,
      count: 4,
      eventsJson: "[{},{},{},{}]",
      createdAtMs: 2000,
    });
    const seqs = (afterSeq: number): number[] => store.readLive("s1", afterSeq).map(({ firstSeq }) => firstSeq);
    assert.deepEqual(seqs(0), [1, 5]);
    assert.deepEqual(seqs(3), [1, 5]);
    assert.deepEqual(seqs(4), [5]);
    assert.deepEqual(seqs(8), []);
    write(9, 6, 3000, 0);
    assert.deepEqual(seqs(0), [5, 9]);
    write(15, 1, 4000, 2500);
    assert.deepEqual(seqs(0), [9, 15]);
    assert.deepEqual(store.readLive("s2", 0), []);
  }),

  toCase("the marker of changes stays while nobody else writes", (store) => {
    const writer = openWriter(store, "s1");
    const before = store.changeMarker();
    store.appendEntry(writer, samplePrompt("s1", "e1", null));
    assert.equal(store.changeMarker(), before);
  }),
];
