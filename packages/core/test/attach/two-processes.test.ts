import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { AttachItem } from "../../src/attach/attach-item.ts";
import { attachSession } from "../../src/attach/attach-session.ts";
import { createRemoteControl } from "../../src/attach/remote-control.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

/** A session that another process owns, and a store of this process on the same file. */
class TwoProcesses implements AsyncDisposable {
  readonly store: Store;
  readonly #directory = mkdtempSync(join(tmpdir(), "koda-attach-"));
  readonly #owner: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const database = join(this.#directory, "koda.db");
    this.store = openSqliteStore(database);
    const program = fileURLToPath(new URL("fixtures/owner-program.ts", import.meta.url));
    this.#owner = spawn(process.execPath, [program, database], { stdio: ["pipe", "pipe", "inherit"] });
    this.#answers = createInterface({ input: this.#owner.stdout })[Symbol.asyncIterator]();
  }

  /** Tells the owner what to do; it is done when this resolves. */
  async owner(line: string): Promise<string> {
    this.#owner.stdin.write(`${line}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("the owner has ended");
    return value;
  }

  async kill(): Promise<void> {
    if (this.#owner.exitCode !== null || this.#owner.signalCode !== null) return;
    const exited = once(this.#owner, "exit");
    this.#owner.kill("SIGKILL");
    await exited;
  }

  /** Looks on until `isLast`; then the connection is gone. */
  async watch(cursor: string | undefined, isLast: (item: AttachItem) => boolean): Promise<AttachItem[]> {
    const items: AttachItem[] = [];
    const looking = attachSession({
      store: this.store,
      sessionId: "session-1",
      cursor,
      signal: new AbortController().signal,
      pollMs: 5,
      isAlive: ({ pid }) => isRunning(pid),
      effects: { now: () => Date.now(), sleep: (_key, durationMs) => delay(durationMs) },
    });
    for await (const item of looking) {
      items.push(item);
      if (isLast(item)) break;
    }
    return items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.store.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // Not there any more.
    return false;
  }
}

const says = (text: string) => (item: AttachItem) =>
  item.kind === "event" && item.event.type === "text-delta" && item.event.text === text;
const toTexts = (items: readonly AttachItem[]): readonly string[] =>
  items.flatMap((item) => (item.kind === "event" && item.event.type === "text-delta" ? [item.event.text] : []));
const toCursor = (item: AttachItem | undefined): string | undefined =>
  item !== undefined && "cursor" in item ? item.cursor : undefined;

test("another process sees every event of a running session once, across disconnects", async () => {
  await using both = new TwoProcesses();
  await both.owner("prompt go");
  await both.owner("say 1");
  await both.owner("draft");
  const first = both.watch(undefined, says("3"));
  for (const text of ["2", "3", "4", "5"]) await both.owner(`say ${text}`);
  const items = await first;
  const [state] = items;
  if (state?.kind !== "state") throw new Error("a state comes first");
  // Where it begins depends on which process is faster; that nothing is missing or told twice does not.
  expect([state.draft?.text ?? "", ...toTexts(items)].join("")).toBe("123");
  expect(state.entries.map(({ content }) => "text" in content && content.text)).toEqual(["go"]);

  const second = both.watch(toCursor(items.at(-1)), says("6"));
  await both.owner("say 6");
  expect(toTexts(await second)).toEqual(["4", "5", "6"]);
});

test("another process that was away too long is told what it missed, and gets a state", async () => {
  await using both = new TwoProcesses();
  await both.owner("prompt go");
  const before = await both.watch(undefined, ({ kind }) => kind === "state");
  await both.owner("steps 2500");
  await both.owner("say answer");
  await both.owner("finish");
  await both.owner("ask r");
  const after = await both.watch(toCursor(before[0]), ({ kind }) => kind === "event");
  // The last 2048 of 2500, the text and the question are kept.
  expect(after).toMatchObject([
    { kind: "gap", missed: 454 },
    { kind: "state", entries: [{}, { content: { text: "answer" } }], openWaits: [{ kind: "steps" }] },
    { kind: "event", event: { type: "loop-cap-reached" } },
  ]);
});

test("another process can answer, and is told when the owner was killed", async () => {
  await using both = new TwoProcesses();
  await both.owner("prompt go");
  await both.owner("ask r");
  const control = createRemoteControl(both.store, {
    by: "another terminal",
    now: () => 5,
    id: () => "id",
    redact: String,
  });
  expect(await both.owner("answer r")).toBe("none");
  expect(control.send("session-1", { type: "grant-steps", requestId: "r", steps: 50 })).toBe(true);
  expect(JSON.parse(await both.owner("answer r"))).toMatchObject({ type: "grant-steps", steps: 50 });

  const looking = both.watch(undefined, ({ kind }) => kind === "owner-gone");
  await both.owner("say 1");
  await both.kill();
  expect((await looking).at(-1)).toEqual({ kind: "owner-gone" });
});
