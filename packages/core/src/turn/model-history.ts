import { blankResults } from "../context/blank-results.ts";
import type { ContextView } from "../context/context-view.ts";
import { selectShown } from "../context/select-shown.ts";
import { cutMessage, toSummaryMessage } from "../context/summary-message.ts";
import type { ModelMessage } from "../ports/llm-provider.ts";
import { type LabelResult, toModelMessages } from "./to-model-messages.ts";

/**
 * The view of one session as messages, step after step. Nothing in a turn that is over changes any more, so its messages
 * are made once: a step costs what its own turn is long, and the same message is the same object again.
 */
export class ModelHistory {
  #settled: ModelMessage[] = [];
  #settledEntries = 0;
  #of: Pick<ContextView, "blanked"> & { readonly firstId: string | undefined } = { blanked: nothing, firstId: "" };

  readonly #label: LabelResult;

  constructor(label: LabelResult) {
    this.#label = label;
  }

  /** Entries only ever grow while the view begins with the same one. `turnId` names the turn that runs. */
  toMessages(view: ContextView, turnId: string): readonly ModelMessage[] {
    const [first] = view.entries;
    if (this.#of.firstId !== first?.id || this.#of.blanked !== view.blanked) {
      this.#of = { firstId: first?.id, blanked: view.blanked };
      this.#settled = [...toOpening(view)];
      this.#settledEntries = first?.content.kind === "summary" ? 1 : 0;
    }
    const start = Math.max(this.#settledEntries, view.entries.findLastIndex((entry) => entry.turnId !== turnId) + 1);
    for (const message of this.#convert(view, this.#settledEntries, start)) this.#settled.push(message);
    this.#settledEntries = start;
    return [...this.#settled, ...this.#convert(view, start)];
  }

  #convert(view: ContextView, from: number, to?: number): readonly ModelMessage[] {
    return blankResults(toModelMessages(view.entries.slice(from, to), view.calls, this.#label), view.blanked);
  }
}

/** What is said before the first entry that is shown as it is. */
function toOpening(view: ContextView): readonly ModelMessage[] {
  const first = selectShown(view.entries)[0];
  return [
    ...(first?.content.kind === "summary" ? [toSummaryMessage(first.content.text)] : []),
    ...(view.isWhole ? [] : [cutMessage]),
  ];
}

const nothing: ReadonlySet<string> = new Set();
