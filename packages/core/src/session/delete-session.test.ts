import { expect, test } from "vitest";
import { createMemoryStore } from "../store/memory-store.ts";
import { openWriter } from "../store-conformance/sample-records.ts";
import { deleteSession } from "./delete-session.ts";

test("a deleted session leaves no blob that was its own alone", () => {
  const store = createMemoryStore();
  const deleted = openWriter(store, "s1");
  const kept = openWriter(store, "s2");
  store.writeBlob(deleted, Buffer.from("its own"));
  const shared = store.writeBlob(deleted, Buffer.from("shared"));
  store.writeBlob(kept, Buffer.from("shared"));
  deleteSession(store, { id: "s1", token: "delete", nowMs: 2_000_000_000_000 });
  expect(store.collectBlobs()).toBe(0);
  expect(Buffer.from(store.readBlob("s2", shared) ?? []).toString()).toBe("shared");
});
