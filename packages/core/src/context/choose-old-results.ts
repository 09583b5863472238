import type { ModelMessage } from "../ports/llm-provider.ts";
import { blankedNote } from "./blank-results.ts";
import { estimateTokens } from "./estimate-tokens.ts";

/**
 * Tools that tell the same again when they are called again, without doing anything. Bash is none of them: a command that
 * runs twice may do something twice.
 */
export const reobtainableTools: ReadonlySet<string> = new Set([
  "Read",
  "List",
  "Glob",
  "Grep",
  "WebFetch",
  "WebSearch",
  "RecallContext",
]);

/** The newest output of tools, of any tool, that stays as it is. */
const protectedTokens = 40_000;
/** Less than this is not worth a request that the provider's cache does not know. */
const minSavedTokens = 20_000;
/** The window that both numbers are made for; in a smaller one they are smaller in proportion. */
const referenceWindow = 200_000;

/** Results that can be left out, and what that saves. None: it is not worth it. */
export interface OldResults {
  readonly callIds: ReadonlySet<string>;
  readonly savedTokens: number;
}

/** Pure. `room`: the tokens that the model can hold. What is in `blanked` is left out already. */
export function chooseOldResults(
  messages: readonly ModelMessage[],
  { room, blanked }: { readonly room: number; readonly blanked: ReadonlySet<string> },
): OldResults {
  const scale = Math.min(1, room / referenceWindow);
  const names = new Map(
    messages.flatMap((message) =>
      message.role === "assistant" ? message.toolCalls.map(({ callId, name }) => [callId, name] as const) : [],
    ),
  );
  // What came after the last answer has not been read yet.
  const lastAnswer = messages.findLastIndex(({ role }) => role === "assistant");
  const callIds = new Set<string>();
  let seenTokens = 0;
  let savedTokens = 0;
  for (const [index, message] of [...messages.entries()].reverse()) {
    if (message.role !== "tool" || blanked.has(message.callId)) continue;
    const tokens = estimateTokens(message.text);
    seenTokens += tokens;
    const saved = tokens - estimateTokens(blankedNote);
    if (index > lastAnswer || seenTokens <= protectedTokens * scale || saved <= 0) continue;
    if (!reobtainableTools.has(names.get(message.callId) ?? "")) continue;
    callIds.add(message.callId);
    savedTokens += saved;
  }
  return savedTokens >= minSavedTokens * scale && savedTokens > 0 ? { callIds, savedTokens } : nothing;
}

const nothing: OldResults = { callIds: new Set(), savedTokens: 0 };
