import { blankedValueName, toBlankedJson } from "../context/blanked-value.ts";
import { ContextMeter } from "../context/context-meter.ts";
import type { ContextView } from "../context/context-view.ts";
import { ShrinkBreaker } from "../context/shrink-breaker.ts";
import type { LlmProvider, ModelMessage } from "../ports/llm-provider.ts";
import type { Transcript } from "../session/transcript.ts";
import { ModelHistory } from "./model-history.ts";
import type { LabelResult } from "./to-model-messages.ts";

/** What the model of one session is shown of it, and how full that makes its context. It lives as long as the session. */
export class TurnWindow {
  readonly meter: ContextMeter;
  readonly breaker: ShrinkBreaker = new ShrinkBreaker();
  /** The part of the context from which on it is shrunk; null for never. */
  readonly threshold: number | null;
  readonly #transcript: Transcript;
  readonly #history: ModelHistory;
  #provider: LlmProvider;
  #isWhole: boolean;
  #blanked: ReadonlySet<string>;

  constructor(options: {
    readonly transcript: Transcript;
    readonly isWhole: boolean;
    readonly provider: LlmProvider;
    readonly threshold: number | null;
    readonly label: LabelResult;
    /** As an earlier process left it. */
    readonly blanked: ReadonlySet<string>;
  }) {
    this.#blanked = options.blanked;
    this.#history = new ModelHistory(options.label);
    this.#transcript = options.transcript;
    this.#isWhole = options.isWhole;
    this.#provider = options.provider;
    this.meter = new ContextMeter(options.provider.contextWindow);
    this.threshold = options.threshold;
  }

  view(): ContextView {
    const { entries, calls } = this.#transcript;
    return { entries, calls, isWhole: this.#isWhole, blanked: this.#blanked };
  }

  /** From now on `view` is shown. */
  show(view: ContextView): void {
    this.#transcript.show(view.entries);
    this.#isWhole = view.isWhole;
    this.#blanked = view.blanked;
    // What is left out is left out of a resumed session too, so that its requests begin the same.
    this.#transcript.writeValue(blankedValueName, toBlankedJson(view));
  }

  /** Another path is shown from now on. Its size is not known before the next request. */
  startFrom(isWhole: boolean): void {
    this.#isWhole = isWhole;
    this.#blanked = new Set();
    this.meter.clear();
  }

  /** The model that is asked from now on: another one counts in its own way. */
  useModel(provider: LlmProvider): void {
    if (provider === this.#provider) return;
    this.#provider = provider;
    this.meter.setWindow(provider.contextWindow);
  }

  messages(turnId: string): readonly ModelMessage[] {
    return this.#history.toMessages(this.view(), turnId);
  }
}
