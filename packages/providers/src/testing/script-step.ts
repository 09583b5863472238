/** One answer of a scripted model. Without `text` and `toolCalls` it is an empty, whole answer. */
export interface ScriptStep {
  readonly text?: string | undefined;
  readonly thinking?: string | undefined;
  readonly toolCalls?: readonly ScriptToolCall[] | undefined;
  /** Absent: fixed small numbers. */
  readonly usage?: ScriptUsage | undefined;
  /** Absent: `tool_calls` when there are calls, else `stop`. */
  readonly finishReason?: string | undefined;
  /** Waited before each event; default 0. */
  readonly delayMs?: number | undefined;
  readonly fault?: ScriptFault | undefined;
}

export interface ScriptToolCall {
  readonly name: string;
  /** An object is sent as its JSON; a string as it is, valid or not. */
  readonly arguments: string | Readonly<Record<string, unknown>>;
  /** Absent: `call_` and a number that grows over the server's life. */
  readonly id?: string | undefined;
}

export interface ScriptUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens?: number | undefined;
  readonly thinkingTokens?: number | undefined;
}

/** What goes wrong with an answer. Those in mid-stream strike after half of its events. */
export type ScriptFault =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** Absent: an error in OpenAI's shape. */
      readonly body?: unknown;
    }
  /** The socket breaks before any answer. */
  | { readonly kind: "reset" }
  /** The socket breaks in mid-stream. */
  | { readonly kind: "cut" }
  /** The stream closes in order, without finish reason and `[DONE]`. */
  | { readonly kind: "no-end" }
  /** Status 200 and not one event. */
  | { readonly kind: "empty" }
  /** An error event in mid-stream; absent detail: a server error. */
  | { readonly kind: "error-event"; readonly error?: Readonly<Record<string, unknown>> | undefined }
  /** A `data:` line in mid-stream that is no JSON. */
  | { readonly kind: "bad-line" }
  /** Lines of HTML between two events. */
  | { readonly kind: "html-between" }
  | { readonly kind: "crlf" }
  /** Every byte in a write of its own. */
  | { readonly kind: "byte-writes" }
  /** Nothing for a while in mid-stream. */
  | { readonly kind: "silence"; readonly durationMs: number };
