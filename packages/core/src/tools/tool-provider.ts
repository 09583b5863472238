import type { Tool } from "./tool.ts";

/** Several tools of one origin, in core's own form. */
export interface ToolProvider {
  /** Names the origin in messages. Two providers of one id and generation are taken to offer the same tools. */
  readonly id: string;
  /** Grows whenever `tools()` would answer differently. */
  readonly generation: number;
  tools(): readonly Tool[];
}
