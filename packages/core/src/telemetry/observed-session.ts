import type { Context } from "@opentelemetry/api";

/** Who is observed. A session's later events keep `provider` and `model` up to date. */
export interface ObservedSession {
  readonly sessionId: string;
  /** As the session names it: `openai`. */
  readonly provider: string;
  readonly model: string;
  /** Default `koda`. */
  readonly agentName?: string | undefined;
  /** What the turns of the session are part of. Default: what is active when a turn starts. */
  readonly parent?: Context | undefined;
}
