import type { ModelMessage } from "../ports/llm-provider.ts";
import type { Entry } from "../store/entry.ts";
import type { ToolCallRecord } from "../store/tool-call-record.ts";
import { toModelMessages } from "./to-model-messages.ts";

/**
 * The conversation of one session as messages, step after step. Nothing in a turn that is over changes any more, so its
 * messages are made once: a step costs what its own turn is long, and the same message is the same object again.
 */
export class ModelHistory {
  readonly #settled: ModelMessage[] = [];
  #settledEntries = 0;

  /** What {@link toModelMessages} gives. `entries` only ever grow; `turnId` names the turn that runs. */
  toMessages(
    entries: readonly Entry[],
    calls: ReadonlyMap<string, ToolCallRecord>,
    turnId: string,
  ): readonly ModelMessage[] {
    const start = entries.findLastIndex((entry) => entry.turnId !== turnId) + 1;
    for (const message of toModelMessages(entries.slice(this.#settledEntries, start), calls)) {
      this.#settled.push(message);
    }
    this.#settledEntries = start;
    return [...this.#settled, ...toModelMessages(entries.slice(start), calls)];
  }
}
