import { z } from "zod";
import {
  type CompletedTurn,
  type ContextDepth,
  type ContextItem,
  type ContextItemType,
  type ContextProvider,
  contextItemTypes,
} from "./context-provider.ts";
import { toContextNote } from "./to-context-note.ts";
import { type Sleep, withinDeadline } from "./within-deadline.ts";

/** What is asked of all providers for one turn. */
export interface ContextRequest {
  readonly text: string;
  readonly sessionId: string;
  /** Absent: all. */
  readonly types?: readonly ContextItemType[] | undefined;
  /** Absent: `overview`. */
  readonly depth?: ContextDepth | undefined;
  /** Absent: 10. */
  readonly maxItems?: number | undefined;
  /** Absent: 4,000. */
  readonly maxTokens?: number | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

export interface ProviderLimits {
  readonly signal: AbortSignal;
  readonly sleep: Sleep;
  /** For each provider. Absent: 2,000. */
  readonly deadlineMs?: number | undefined;
}

export interface SkippedProvider {
  readonly name: string;
  readonly reason: string;
}

/** JSON: it can be the recorded result of an effect. */
export interface ContextAnswer {
  /** For the model, after the prompt, as a message of the user's side; empty when nothing was found. */
  readonly text: string;
  readonly items: number;
  readonly tokens: number;
  readonly skipped: readonly SkippedProvider[];
}

/**
 * Asks all providers at once. One that fails, is too slow or answers with something else is skipped; limits are kept
 * whatever they answer.
 *
 * Rejects with `signal.reason` when aborted.
 */
export async function queryContext(
  providers: readonly ContextProvider[],
  request: ContextRequest,
  limits: ProviderLimits,
): Promise<ContextAnswer> {
  const { types = contextItemTypes, depth = "overview", maxItems = 10, maxTokens = 4000 } = request;
  const { kept, skipped } = await askAll(providers, limits, async (provider, signal) => {
    const answer = await provider.query({ ...request, types, depth, maxItems, maxTokens, signal });
    const items: readonly ContextItem[] = contextItems.parse(
      Array.isArray(answer) ? answer.slice(0, maxItems) : answer,
    );
    return items.filter(({ type }) => types.includes(type));
  });
  return { ...toContextNote(kept, { depth, maxItems, maxTokens }), skipped };
}

/** Tells all providers of a completed turn, each within the deadline. The result says who could not take it. */
export async function tellOfTurn(
  providers: readonly ContextProvider[],
  turn: CompletedTurn,
  limits: ProviderLimits,
): Promise<readonly SkippedProvider[]> {
  const { skipped } = await askAll(providers, limits, async (provider, signal) =>
    provider.afterTurn?.(turn, { signal }),
  );
  return skipped;
}

async function askAll<T>(
  providers: readonly ContextProvider[],
  { signal, sleep, deadlineMs = 2000 }: ProviderLimits,
  ask: (provider: ContextProvider, signal: AbortSignal) => Promise<T>,
): Promise<{ readonly kept: readonly T[]; readonly skipped: readonly SkippedProvider[] }> {
  const answers = await Promise.allSettled(
    providers.map((provider) => withinDeadline((either) => ask(provider, either), { deadlineMs, sleep, signal })),
  );
  signal.throwIfAborted();
  return {
    kept: answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])),
    skipped: answers.flatMap((answer, index) => {
      const name = providers[index]?.name;
      return answer.status === "rejected" && name !== undefined ? [{ name, reason: toReason(answer.reason) }] : [];
    }),
  };
}

const contextItems = z.array(z.object({ type: z.enum(contextItemTypes), source: z.string(), text: z.string() }));

function toReason(error: unknown): string {
  if (error instanceof z.ZodError) return "its answer is no list of items";
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}
