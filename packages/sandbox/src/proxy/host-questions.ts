import type { Filter } from "../filter/filter.ts";
import type { Target } from "../filter/target.ts";
import { toRemedy } from "./explain.ts";
import type { ConnectionProtocol } from "./proxy-handle.ts";

/** A host that no rule covers, and that no deny rule names. */
export interface HostQuestion {
  /** Normalised, and safe to show. */
  readonly target: Target;
  /** The rule that `session` and `always` stand for. */
  readonly rule: string;
  /** Who wants to connect; null when the client showed no credentials. */
  readonly clientId: string | null;
  readonly protocol: ConnectionProtocol;
}

/**
 * `once` lets the waiting connections through. `session` and `always` add the rule for as long as the questions live;
 * to remember `always` beyond that is up to whoever gave it.
 */
export type HostAnswer = "once" | "session" | "always" | "deny";

/**
 * Asks a person, or a policy. The signal tells that an answer counts no more: the time is up, or the questions were
 * disposed. A client that leaves does not withdraw its question, since the answer serves its next attempt. Rejecting,
 * throwing and any other value deny.
 */
export type AskAboutHost = (question: HostQuestion, signal: AbortSignal) => Promise<HostAnswer>;

/** What came of a question: the answer, or why there is none. */
export type HostAnswerOutcome = HostAnswer | "unanswered";

/**
 * Holds connections to new hosts while someone is asked, for a bounded time, and remembers what was granted. One
 * question is asked for a host and port however many connections wait for it. An answer opens what a plain allowing rule
 * would: addresses that are not public are not asked about, and a name that turns out to lead to one stays closed. Disposing leaves what is asked unanswered, and
 * every question after it.
 */
export class HostQuestions implements Disposable {
  readonly #ask: AskAboutHost;
  readonly #timeoutMs: number;
  readonly #maxPending: number;
  readonly #end = new AbortController();
  readonly #pending = new Map<string, Promise<HostAnswerOutcome>>();
  #granted: readonly string[] = [];

  /** `timeoutMs` 60 s and `maxPending` 32 where absent; a question beyond these counts as unanswered, which denies. */
  constructor(options: {
    readonly ask: AskAboutHost;
    readonly timeoutMs?: number | undefined;
    readonly maxPending?: number | undefined;
  }) {
    this.#ask = options.ask;
    this.#timeoutMs = options.timeoutMs ?? 60_000;
    this.#maxPending = options.maxPending ?? 32;
  }

  /** Rules that answers have added, oldest first. Another array when one was added. */
  get granted(): readonly string[] {
    return this.#granted;
  }

  /** Rules with those that answers have added. */
  extend(filter: Filter): Filter {
    return this.#granted.length === 0 ? filter : filter.layer({ allow: this.#granted });
  }

  /** Never rejects. */
  about(question: Omit<HostQuestion, "rule">): Promise<HostAnswerOutcome> {
    const { rule } = toRemedy(question.target, { isPrivate: false });
    const key = `${question.target.host} ${question.target.port}`;
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    if (this.#end.signal.aborted || this.#pending.size >= this.#maxPending) return Promise.resolve("unanswered");
    const answer = this.#put({ ...question, rule }).finally(() => this.#pending.delete(key));
    this.#pending.set(key, answer);
    return answer;
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #put(question: HostQuestion): Promise<HostAnswerOutcome> {
    const over = new AbortController();
    const unanswered = Promise.withResolvers<"unanswered">();
    const giveUp = (): void => unanswered.resolve("unanswered");
    const timer = setTimeout(giveUp, this.#timeoutMs);
    this.#end.signal.addEventListener("abort", giveUp);
    try {
      const answer = await Promise.race([this.#ask(question, over.signal), unanswered.promise]);
      if (answer === "session" || answer === "always") this.#granted = [...this.#granted, question.rule];
      return answer;
    } catch {
      return "unanswered"; // the asker's fault; the connection is refused with that reason
    } finally {
      clearTimeout(timer);
      this.#end.signal.removeEventListener("abort", giveUp);
      over.abort();
    }
  }
}
