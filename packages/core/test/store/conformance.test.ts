import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeConformanceCases } from "@koda/core/store-conformance";
import { afterEach, beforeEach, describe, test } from "vitest";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";

describe("a store in memory", () => {
  test.each(storeConformanceCases)("$title", ({ run }) => run(createMemoryStore));
});

describe("a SQLite store", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "koda-store-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test.each(storeConformanceCases)("$title", async ({ run }) => {
    let opened = 0;
    await run(() => {
      opened += 1;
      return openSqliteStore(join(directory, `${opened}.db`));
    });
  });
});
