import type { ModelToolCall, StreamPart } from "../llm-provider.ts";
import { isJsonObject } from "./to-request.ts";
import type { ToolCallDelta, ToolCallFunction } from "./wire.ts";

/**
 * Puts streamed tool calls together. By `index` where the server sends one; otherwise by `id`, else in order.
 * A fragment opens a new call when its slot is taken by a call that is whole, or that has another id and name:
 * some servers number every call 0, repeat one id, or send each call in one piece.
 */
export class ToolCallCollector {
  readonly #calls: OpenCall[] = [];
  readonly #byIndex = new Map<number, OpenCall>();
  readonly #usedIds: Set<string>;
  readonly #newCallId: () => string;

  /** Ids in `usedIds` name earlier calls of the conversation: a server that uses one again gets a fresh id. */
  constructor(options: { readonly usedIds: Iterable<string>; readonly newCallId: () => string }) {
    this.#usedIds = new Set(options.usedIds);
    this.#newCallId = options.newCallId;
  }

  get size(): number {
    return this.#calls.length;
  }

  /** Takes one fragment; gives `tool-call-start` when it opens a call. A nameless fragment of no call is dropped. */
  add(delta: ToolCallDelta): StreamPart | null {
    const name = delta.function?.name ?? "";
    const fragment = toText(delta.function?.arguments);
    const current = this.#find(delta);
    if (current !== undefined && !opensAnother(current, { id: delta.id, name, fragment })) {
      current.argumentsJson += fragment;
      return null;
    }
    if (name === "") return null;
    const call: OpenCall = { wireId: delta.id ?? "", callId: this.#claimId(delta.id), name, argumentsJson: fragment };
    this.#calls.push(call);
    if (typeof delta.index === "number") this.#byIndex.set(delta.index, call);
    return { type: "tool-call-start", callId: call.callId, name };
  }

  /** The calls in the order they were opened. No arguments at all count as `{}`. */
  finish(): readonly ModelToolCall[] {
    return this.#calls.map(({ callId, name, argumentsJson }) => ({
      callId,
      name,
      argumentsJson: argumentsJson.trim() === "" ? "{}" : argumentsJson,
    }));
  }

  #find(delta: ToolCallDelta): OpenCall | undefined {
    if (typeof delta.index === "number") return this.#byIndex.get(delta.index);
    const same = delta.id ? this.#calls.findLast((call) => call.wireId === delta.id) : undefined;
    return same ?? this.#calls.at(-1);
  }

  #claimId(wanted: string | null | undefined): string {
    let id = wanted ?? "";
    while (id === "" || this.#usedIds.has(id)) id = this.#newCallId();
    this.#usedIds.add(id);
    return id;
  }
}

interface OpenCall {
  readonly wireId: string;
  readonly callId: string;
  readonly name: string;
  argumentsJson: string;
}

function opensAnother(
  current: OpenCall,
  next: { readonly id?: string | null | undefined; readonly name: string; readonly fragment: string },
): boolean {
  if (next.name === "") return false;
  if (next.id && next.id !== current.wireId) return true;
  // The cheap look comes first: a server that repeats the name in every fragment would make us parse each time.
  return next.fragment.trim() !== "" && current.argumentsJson.endsWith("}") && isJsonObject(current.argumentsJson);
}

function toText(value: ToolCallFunction["arguments"]): string {
  return typeof value === "string" ? value : value ? JSON.stringify(value) : "";
}
