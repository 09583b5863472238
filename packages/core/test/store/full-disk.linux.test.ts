import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "koda-full-disk-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const sourceUrl = (name: string): string => JSON.stringify(new URL(`../${name}`, import.meta.url).href);

/** Runs a program where `directory` is a file system of one megabyte that nobody else sees. Its last line, as JSON. */
function runOnSmallDisk(program: string): unknown {
  const script = `
    import { execFileSync } from "node:child_process";
    import { rmSync, readdirSync, writeFileSync } from "node:fs";
    import { join } from "node:path";
    import { openSqliteStore } from ${sourceUrl("../src/store/sqlite-store.ts")};
    import { openWriter, samplePrompt } from ${sourceUrl("../src/store-conformance/sample-records.ts")};
    import { makeOldDatabase } from ${sourceUrl("fakes/old-databases.ts")};
    const directory = process.argv[1];
    const path = join(directory, "koda.db");
    const codeOf = (act) => { try { act(); return "done"; } catch (error) { return error.code ?? String(error); } };
    const fill = () => {
      for (let size = 65536; size >= 512; size /= 2) {
        for (let n = 0; ; n += 1) {
          if (codeOf(() => writeFileSync(join(directory, "filler-" + size + "-" + n), "x".repeat(size))) !== "done") break;
        }
      }
    };
    const makeRoom = () => {
      for (const name of readdirSync(directory)) if (name.startsWith("filler")) rmSync(join(directory, name));
    };
    const remount = (option) => execFileSync("mount", ["-o", "remount,bind," + option, directory]);
    ${program}`;
  const mounted = 'mount -t tmpfs -o size=1m none "$0" && exec "$1" --input-type=module -e "$2" "$0"';
  const { stdout, stderr } = spawnSync(
    "unshare",
    ["--user", "--map-root-user", "--mount", "sh", "-c", mounted, directory, process.execPath, script],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

test("on a full disk a write fails and changes nothing, and the same write works when there is room", () => {
  const outcome = runOnSmallDisk(`
    const store = openSqliteStore(path);
    const writer = openWriter(store, "s1");
    store.appendEntry(writer, samplePrompt("s1", "e1", null));
    fill();
    const text = "x".repeat(50_000);
    const codes = new Set();
    let parent = "e1";
    for (let n = 0; n < 40 && !codes.has("store_failed"); n += 1) {
      const id = "f" + n;
      codes.add(codeOf(() => { store.appendEntry(writer, samplePrompt("s1", id, parent, text)); parent = id; }));
    }
    const leaf = store.readSession("s1").leafId;
    const kept = store.readEntries("s1").at(-1).id;
    makeRoom();
    const later = codeOf(() => store.appendEntry(writer, samplePrompt("s1", "later", parent)));
    store.close();
    const again = openSqliteStore(path);
    console.log(JSON.stringify({
      refused: codes.has("store_failed"), isWhole: leaf === parent && kept === parent, later,
      last: again.readEntries("s1").at(-1).id,
    }));
    again.close();`);
  expect(outcome).toEqual({ refused: true, isWhole: true, later: "done", last: "later" });
});

test("a health check says that the disk is full, and when there is room again", () => {
  const outcome = runOnSmallDisk(`
    const store = openSqliteStore(path);
    openWriter(store, "s1");
    const first = store.checkHealth();
    fill();
    const full = store.checkHealth();
    makeRoom();
    console.log(JSON.stringify({ first, isFull: full !== null, later: store.checkHealth() }));
    store.close();`);
  expect(outcome).toEqual({ first: null, isFull: true, later: null });
});

test("a database that cannot be copied for want of room is not migrated, until there is room", () => {
  const outcome = runOnSmallDisk(`
    makeOldDatabase(path, 2);
    fill();
    // Enough for SQLite to open it, and not for a copy.
    rmSync(join(directory, "filler-65536-0"));
    let message = "";
    const first = codeOf(() => {
      try { openSqliteStore(path); } catch (error) { message = error.message; throw error; }
    });
    const isAboutCopy = message.startsWith("backup");
    const left = readdirSync(directory).filter((name) => name.includes("backup"));
    makeRoom();
    const second = codeOf(() => openSqliteStore(path).close());
    console.log(JSON.stringify({ first, isAboutCopy, left, second }));`);
  expect(outcome).toEqual({ first: "store_failed", isAboutCopy: true, left: [], second: "done" });
});

test("a read-only database is refused, and opens when it can be written again", () => {
  const outcome = runOnSmallDisk(`
    const store = openSqliteStore(path);
    openWriter(store, "s1");
    store.close();
    remount("ro");
    const first = codeOf(() => openSqliteStore(path));
    remount("rw");
    const second = openSqliteStore(path);
    console.log(JSON.stringify({ first, id: second.readSession("s1").id }));
    second.close();`);
  expect(outcome).toEqual({ first: "store_failed", id: "s1" });
});
