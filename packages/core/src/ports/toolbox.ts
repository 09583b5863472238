import type { ToolEffect } from "../tools/tool-effect.ts";

/** Tools from outside core: MCP servers, or an embedder's own. */
export interface Toolbox {
  /** Grows whenever `tools()` would answer differently; the catalog is rebuilt only then. */
  readonly generation: number;
  tools(): readonly ToolboxTool[];
}

export interface ToolboxTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly effect: ToolEffect;
  execute(
    input: Readonly<Record<string, unknown>>,
    options: { readonly signal: AbortSignal },
  ): Promise<{ readonly text: string; readonly isError: boolean }>;
}
