import { z } from "zod";
import { CoreError } from "../errors.ts";
import type { ToolDefinition } from "../ports/llm-provider.ts";
import type { Toolbox, ToolboxTool } from "../ports/toolbox.ts";
import { fromToolbox } from "./from-toolbox.ts";
import type { Tool } from "./tool.ts";
import { canonicalToolName } from "./tool-alias.ts";

/** A name every vendor takes. */
const toolNamePattern = /^[A-Za-z0-9_-]{1,64}$/;

interface View {
  readonly generation: number;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly definitions: readonly ToolDefinition[];
  readonly refused: readonly string[];
}

/**
 * The tools that a model may call, by name. Those of the toolbox are looked up again only when its generation grows;
 * until then `definitions()` is the same value, so a provider's cache of it holds.
 */
export class ToolCatalog {
  readonly #own: ReadonlyMap<string, Tool>;
  readonly #ownDefinitions: readonly ToolDefinition[];
  readonly #toolbox: Toolbox | undefined;
  #view: View | null = null;

  private constructor(own: ReadonlyMap<string, Tool>, toolbox: Toolbox | undefined) {
    this.#own = own;
    this.#ownDefinitions = [...own.values()].map(toDefinition);
    this.#toolbox = toolbox;
  }

  /** @throws {CoreError} `duplicate_tool` when two of `tools` have one name, whatever its case. */
  static create(tools: readonly Tool[], toolbox?: Toolbox | undefined): ToolCatalog {
    const own = new Map<string, Tool>();
    const taken = new Set<string>();
    for (const tool of tools) {
      const key = tool.name.toLowerCase();
      if (taken.has(key)) throw new CoreError("duplicate_tool", `two tools are named ${tool.name}`);
      taken.add(key);
      own.set(tool.name, tool);
    }
    return new ToolCatalog(own, toolbox);
  }

  /** By its exact name, else by the name of ours that `name` is a common spelling of. Null when there is none. */
  find(name: string): Tool | null {
    const { tools } = this.#current();
    return tools.get(name) ?? tools.get(canonicalToolName(name)) ?? null;
  }

  /** Ours in their order, then the toolbox's by name. */
  definitions(): readonly ToolDefinition[] {
    return this.#current().definitions;
  }

  /** Names in the toolbox that are not offered: taken by a built-in tool or another, or not made of `[A-Za-z0-9_-]`, at most 64. */
  refused(): readonly string[] {
    return this.#current().refused;
  }

  #current(): View {
    const generation = this.#toolbox?.generation ?? 0;
    if (this.#view?.generation !== generation) this.#view = this.#look(generation);
    return this.#view;
  }

  #look(generation: number): View {
    const tools = new Map(this.#own);
    const taken = new Set([...this.#own.keys()].map((name) => name.toLowerCase()));
    const offered: ToolboxTool[] = [];
    const refused: string[] = [];
    for (const tool of this.#toolbox?.tools() ?? []) {
      const key = tool.name.toLowerCase();
      if (!toolNamePattern.test(tool.name) || taken.has(key) || taken.has(canonicalToolName(tool.name).toLowerCase())) {
        refused.push(tool.name);
        continue;
      }
      taken.add(key);
      tools.set(tool.name, fromToolbox(tool));
      offered.push(tool);
    }
    const definitions = offered
      .map(({ name, description, inputSchema }) => ({ name, description, inputSchema }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    return { generation, tools, definitions: [...this.#ownDefinitions, ...definitions], refused };
  }
}

function toDefinition({ name, description, inputSchema }: Tool): ToolDefinition {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(inputSchema);
  return { name, description, inputSchema: schema };
}
