import { dirname } from "node:path";
import { createPlace, type Place } from "../run-koda.ts";
import { findRepeatedRuns } from "./check-log.ts";
import { findContradictions, findLosses, findUnstored } from "./check-record.ts";
import { type KillPhase, toKillPhase } from "./kill-phase.ts";
import { liveOnce } from "./killed-process.ts";
import { findLeftovers } from "./leftover-processes.ts";
import { readLog, readProjectFiles } from "./project-files.ts";
import { type SettledTurn, settleTranscript } from "./settled-transcript.ts";
import { readStoredState, type StoredSession } from "./stored-session.ts";
import { parseToldEvents } from "./told-event.ts";
import type { WatchedServer } from "./watched-server.ts";
import { toPrompt } from "./workload.ts";

/** What one life of the program has shown. */
export interface LifeReport {
  /** Null: it was done before the kill came. */
  readonly phase: KillPhase | null;
  readonly lifeMs: number;
  readonly faults: readonly string[];
}

/**
 * One session from its first prompt to its last, in a home and a project of its own. Each life of the program takes it
 * further: a turn without its end is gone on with, and a finished one is followed by the next prompt.
 */
export class CrashingSession implements AsyncDisposable {
  readonly #place: Place;
  readonly #server: WatchedServer;
  readonly #prompts: number;
  #stored: StoredSession | undefined;

  private constructor(place: Place, server: WatchedServer, prompts: number) {
    this.#place = place;
    this.#server = server;
    this.#prompts = prompts;
  }

  static async open(server: WatchedServer, prompts: number): Promise<CrashingSession> {
    server.forget();
    return new CrashingSession(await createPlace(), server, prompts);
  }

  get isDone(): boolean {
    return this.#stored !== undefined && !this.#stored.hasUnfinishedTurn && this.#turns === this.#prompts;
  }

  /** Starts the program once, kills it after `killAfterMs` (null: never), and looks at everything that is left. */
  async live(killAfterMs: number | null): Promise<LifeReport> {
    const before = this.#stored;
    const isResumed = before?.hasUnfinishedTurn === true;
    const requestsBefore = this.#server.requestCount();
    const life = await liveOnce(this.#place, { args: this.#args(isResumed), killAfterMs });
    const leftovers = await findLeftovers(dirname(this.#place.home));
    const state = await readStoredState(this.#place);
    const after = state.sessions[0];
    const requests = this.#server.requestCount() - requestsBefore;
    const events = parseToldEvents(life.stdout);
    this.#stored = after;
    const faults = [
      ...leftovers.map((command) => `a process is left: ${command}`),
      ...(life.isHeldOpen ? ["something still writes to the output of the dead process"] : []),
      ...state.faults.map((fault) => `the database: ${fault}`),
      ...(state.sessions.length > 1 ? [`${state.sessions.length} sessions have a prompt`] : []),
      ...(before === undefined ? [] : after === undefined ? ["the session is gone"] : findLosses(before, after)),
      ...(after === undefined ? [] : findContradictions(after)),
      ...findUnstored(events, after),
      ...(requests > 0 && after === undefined ? ["the model was asked before the prompt was stored"] : []),
      ...findRepeatedRuns(after, await readLog(this.#place.project)),
      ...this.#server.takeFaults(),
      ...events
        .filter(({ code }) => code === "persistence_failed")
        .map(({ message }) => `persistence failed: ${message}`),
      ...(life.code === null || life.code === 0
        ? []
        : [`exit status ${life.code}: ${life.stderr} ${life.stdout.slice(-500)}`]),
      ...(life.code === 0 && after?.hasUnfinishedTurn !== false ? ["a process ended well and its turn did not"] : []),
    ];
    const phase = life.code === null ? toKillPhase({ before, after, isResumed, requests }) : null;
    return { phase, lifeMs: life.lifeMs, faults };
  }

  /** The conversation and the files, for comparing. */
  async settle(): Promise<{ readonly turns: readonly SettledTurn[]; readonly files: ReadonlyMap<string, string> }> {
    const turns = this.#stored === undefined ? [] : settleTranscript(this.#stored);
    return { turns, files: await readProjectFiles(this.#place.project) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#place[Symbol.asyncDispose]();
  }

  get #turns(): number {
    return this.#stored?.record.turnCount ?? 0;
  }

  #args(isResumed: boolean): readonly string[] {
    const connection = ["--base-url", this.#server.baseUrl, "--model", "scripted", "--output-format", "stream-json"];
    if (isResumed) return ["resume", ...connection];
    const isFirst = this.#stored === undefined;
    return [...connection, "-p", toPrompt(this.#turns + 1), ...(isFirst ? [] : ["--continue"])];
  }
}
