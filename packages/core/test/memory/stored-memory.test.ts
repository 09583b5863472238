import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SessionMemory } from "../../src/memory/session-memory.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "koda-memory-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A session's memory over a store: time and ids go on from session to session. */
function open(store: Store, warnings: string[], count: { value: number }): SessionMemory {
  const next = (): number => {
    count.value += 1;
    return count.value;
  };
  return new SessionMemory({
    store,
    projectRoot: "/p",
    now: () => 1_700_000_000_000 + next(),
    id: () => `memory-${next()}`,
    onUnavailable: (reason) => warnings.push(reason),
  });
}

test("a later session recalls what an earlier one has learnt, and one whose store is closed goes on alone", () => {
  const path = join(directory, "koda.db");
  const warnings: string[] = [];
  const count = { value: 0 };
  const first = openSqliteStore(path);
  const early = open(first, warnings, count);
  early.remember({ text: 'Tests run with "make check".', tags: ["build"] });
  early.remember({ text: "Releases are on Monday.", importance: 0.9 });
  first.close();

  const second = openSqliteStore(path);
  const late = open(second, warnings, count);
  const recalled = late.recall({ text: 'how do "tests" OR -checks run? (make)' });
  expect(recalled.map(({ text }) => text)).toEqual(['Tests run with "make check".']);
  expect(late.recall({ tags: ["build"] })[0]).toMatchObject({ accessCount: 1 });
  expect(late.stats()).toEqual({ longTerm: 2, shortTerm: 0, working: 0 });
  expect(warnings).toEqual([]);

  late.remember({ text: "The lock file is committed." });
  second.close();
  late.remember({ text: "Nobody keeps this." });
  expect(late.recall({}).map(({ text }) => text)).toEqual(["Nobody keeps this.", "The lock file is committed."]);
  expect(warnings).toHaveLength(1);
  expect(readdirSync(directory).every((name) => name.startsWith("koda.db"))).toBe(true);
});
