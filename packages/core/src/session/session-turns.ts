import { CoreError } from "../errors.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import { runTurn } from "../turn/run-turn.ts";
import { toEffectKey } from "../turn/turn-keys.ts";
import { turnProtocol } from "../turn/turn-protocol.ts";
import { TurnStop } from "../turn/turn-stop.ts";
import type { SessionParts } from "./session-parts.ts";
import type { SessionWorks } from "./session-works.ts";
import { toTitle } from "./to-title.ts";
import { type TurnStart, toTurnContext } from "./to-turn-context.ts";
import { findUnfinishedTurn, type UnfinishedTurn } from "./unfinished-turn.ts";

export interface TurnOptions {
  readonly signal?: AbortSignal | undefined;
  /** The waiting input whose text the prompt is. */
  readonly inputId?: string | undefined;
  /** The host's own for this turn alone: tools see them, the model and the record do not. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}

/** The turns of one session, of which one at most runs. */
export class SessionTurns {
  readonly #parts: SessionParts;
  readonly #works: SessionWorks;
  readonly #isPaused: () => boolean;
  #running: RunningTurn | null = null;
  #title: string | null;
  #count: number;

  constructor(parts: SessionParts, works: SessionWorks, isPaused: () => boolean) {
    this.#parts = parts;
    this.#works = works;
    this.#isPaused = isPaused;
    this.#title = parts.record.title;
    this.#count = parts.record.turnCount;
  }

  get title(): string | null {
    return this.#title;
  }

  /** Prompts given so far. */
  get count(): number {
    return this.#count;
  }

  /** Of the turn that runs; null between turns. */
  get runningId(): string | null {
    return this.#running?.id ?? null;
  }

  get unfinished(): UnfinishedTurn | null {
    if (this.#running !== null) return null;
    try {
      return findUnfinishedTurn(this.#works.transcript.entries, (id) => this.#parts.store.readEntry(id));
    } catch (error) {
      this.#works.lose(error);
      return null; // the prompt cannot be read now, so nothing can be continued now
    }
  }

  /** @throws {CoreError} `bad_option` for an `inputId` that does not wait: it was withdrawn, or has run. */
  run(prompt: string, options: TurnOptions): AsyncGenerator<EngineEvent, void> {
    const { inputId } = options;
    if (inputId !== undefined && !this.#works.inputs.waiting().some(({ id }) => id === inputId)) {
      throw new CoreError("bad_option", `the input ${JSON.stringify(inputId)} does not wait any more`);
    }
    return this.#conduct(options, {
      turnId: this.#parts.effects.id(),
      turnNumber: this.#count + 1,
      prompt: this.#works.toSafe(prompt),
      isContinued: false,
      inputId: options.inputId ?? null,
      leafId: this.#works.transcript.leafId,
    });
  }

  /** @throws {CoreError} `nothing_to_continue`, `unsupported_version`. */
  continue(options: TurnOptions): AsyncGenerator<EngineEvent, void> {
    const { id } = this.#parts.record;
    const { unfinished } = this;
    if (unfinished === null) throw new CoreError("nothing_to_continue", `session ${id} has no turn without an end`);
    if (unfinished.protocol !== turnProtocol) {
      throw new CoreError(
        "unsupported_version",
        `the unfinished turn of session ${id} ran by version ${unfinished.protocol} of the rules, this program knows ${turnProtocol}; a new prompt works`,
      );
    }
    const { leafId } = this.#works.transcript;
    return this.#conduct(options, { ...unfinished, isContinued: true, inputId: null, leafId });
  }

  /** False when none runs. */
  stop(reason?: Error): boolean {
    this.#running?.stop(reason);
    return this.#running !== null;
  }

  /** Resolves when none runs. */
  async ended(): Promise<void> {
    await this.#running?.ended;
  }

  async *#conduct(options: TurnOptions, start: TurnStart): AsyncGenerator<EngineEvent, void> {
    const works = this.#works;
    const { promise: ended, resolve: setEnded } = Promise.withResolvers<void>();
    const controller = new AbortController();
    const cancelled = new DOMException("the turn was cancelled", "AbortError");
    const stop = (reason: Error = cancelled): void => controller.abort(reason);
    const over = new AbortController();
    const onOver = (): void => {
      over.abort("the turn is over");
      this.#running = null;
      setEnded();
    };
    this.#running = { id: start.turnId, stop, ended };
    let isBegun = false;
    try {
      works.losses.reset();
      works.connected.clear();
      works.window.useModel(works.provider);
      this.#beginGuard(start);
      const events = works.voice.listen();
      const signal =
        options.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, options.signal]);
      const acceptPrompt = (): void => this.#acceptPrompt(start);
      const { values = {} } = options;
      const isPaused = this.#isPaused;
      const turn = toTurnContext(this.#parts, works, { start, signal, values, isPaused, acceptPrompt });
      void this.#stopInTime(start, stop, over.signal);
      isBegun = true;
      yield* runTurn(turn, { events, stop, onOver });
    } finally {
      // From then on it is over when its work is, whether or not anybody reads its events.
      if (!isBegun) onOver();
    }
  }

  /** What a turn has read before it was interrupted counts as read. */
  #beginGuard({ turnId, isContinued }: TurnStart): void {
    const { guard } = this.#parts;
    const { entries, calls } = this.#works.transcript;
    guard.newTurn();
    if (!isContinued) return;
    const own = new Set(entries.filter((entry) => entry.turnId === turnId).map(({ id }) => id));
    for (const { entryId, name, result } of calls.values()) {
      if (result === null || !own.has(entryId)) continue;
      guard.noteResult({ toolName: name, origin: result.origin, text: result.text });
    }
  }

  /** Ends a turn in the middle of a step, too, when it has taken as long as it may. */
  async #stopInTime({ turnNumber }: TurnStart, stop: (reason: Error) => void, signal: AbortSignal): Promise<void> {
    const { effects, budget, record } = this.#parts;
    const { maxTurnMs } = budget;
    if (maxTurnMs === undefined) return;
    try {
      await effects.sleep(toEffectKey({ sessionId: record.id, turnNumber }, "timeout"), maxTurnMs, { signal });
      stop(new TurnStop({ kind: "limit", limit: "timeout", message: `stopped after ${maxTurnMs / 1000} s` }));
    } catch {
      // The turn was over before.
    }
  }

  /** Also takes up what other processes have settled for the project since the last turn. */
  #acceptPrompt({ turnId, turnNumber, prompt, inputId, isContinued }: TurnStart): void {
    const { inputs, transcript } = this.#works;
    if (!isContinued) {
      this.#count = turnNumber;
      this.#title ??= toTitle(prompt);
      const taken = inputId === null ? undefined : inputs.waiting().find(({ id }) => id === inputId);
      transcript.appendPrompt(
        turnId,
        { kind: "user", source: "prompt", text: prompt, turn: { number: turnNumber, protocol: turnProtocol } },
        {
          change: { title: this.#title, turnCount: turnNumber },
          acceptsInput: taken !== undefined && inputs.take(taken) ? taken.id : undefined,
        },
      );
      if (taken !== undefined) this.#works.emit({ type: "input-accepted", inputId: taken.id, text: taken.text });
    }
    this.#works.survive(() => this.#parts.trust.reload());
  }
}

interface RunningTurn {
  readonly id: string;
  readonly stop: (reason?: Error) => void;
  readonly ended: Promise<void>;
}
