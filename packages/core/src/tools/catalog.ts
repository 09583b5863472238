import { CoreError } from "../errors.ts";
import { isReservedToolName } from "../guard/origin.ts";
import type { ToolDefinition } from "../ports/llm-provider.ts";
import type { Toolbox } from "../ports/toolbox.ts";
import { RecentlyBuilt } from "../prompt/recently-built.ts";
import { buildSnapshot } from "./build-snapshot.ts";
import { ContextOverlay, type ContextOverlayOptions } from "./context-overlay.ts";
import { SessionPlugins } from "./session-plugins.ts";
import { toDefinition } from "./to-definition.ts";
import type { Tool } from "./tool.ts";
import type { ToolSnapshot } from "./tool-snapshot.ts";

/** As many builds as are kept; a session rarely alternates between more than two. */
const maxKept = 8;

/**
 * The tools that a model may call. Built once for each state of its sources (overlay with its flag, generation of the
 * toolbox, revision of the plugins): while they are the same, so is the snapshot, and a provider's cache of it holds.
 * Nothing is built, and the toolbox is not asked, before the first use.
 */
export class ToolCatalog {
  readonly plugins: SessionPlugins = new SessionPlugins();
  readonly #own: readonly Tool[];
  readonly #toolbox: Toolbox | undefined;
  readonly #overlay: ContextOverlay;
  readonly #snapshots = new RecentlyBuilt<ToolSnapshot>(maxKept);
  #definitions = new WeakMap<Tool, ToolDefinition>();
  #last: ToolSnapshot | null = null;

  private constructor(own: readonly Tool[], toolbox: Toolbox | undefined) {
    this.#own = own;
    this.#toolbox = toolbox;
    this.#overlay = new ContextOverlay(() => this.#takenNames());
  }

  /** @throws {CoreError} `duplicate_tool` when two of `tools` have one name, whatever its case. */
  static create(tools: readonly Tool[], toolbox?: Toolbox | undefined): ToolCatalog {
    const taken = new Set<string>();
    for (const { name } of tools) {
      const key = name.toLowerCase();
      if (taken.has(key)) throw new CoreError("duplicate_tool", `two tools are named ${name}`);
      taken.add(key);
    }
    return new ToolCatalog([...tools], toolbox);
  }

  /**
   * The tools as they are now: one value for a whole turn. What throws while it is built is passed on and nothing of it
   * is kept, so the next call tries again; {@link lastSnapshot} still is the one before.
   */
  snapshot(): ToolSnapshot {
    const overlay = this.#overlay.state;
    const toolGeneration = this.#toolbox?.generation ?? 0;
    const key = JSON.stringify([
      overlay.includeBaseTools,
      overlay.revision,
      overlay.includeBaseTools ? toolGeneration : 0,
      this.plugins.revision,
    ]);
    const snapshot = this.#snapshots.getOrBuild(key, () =>
      buildSnapshot({
        revision: `${this.#snapshots.builds + 1}`,
        own: this.#own,
        plugins: this.plugins.list(),
        toolbox: overlay.includeBaseTools ? (this.#toolbox?.tools() ?? []) : [],
        overlay,
        define: (tool) => this.#define(tool),
      }),
    );
    this.#last = snapshot;
    return snapshot;
  }

  /** The last one that could be built; null before the first. */
  get lastSnapshot(): ToolSnapshot | null {
    return this.#last;
  }

  /** How many snapshots were built so far: it stands still while nothing changes. */
  get builds(): number {
    return this.#snapshots.builds;
  }

  /**
   * Lays `options` over the session from the next snapshot on. False when that changes nothing.
   *
   * @throws {CoreError} `duplicate_tool`, `bad_option`, as {@link ContextOverlay.set}; the old overlay then works on.
   */
  setOverlay(options: ContextOverlayOptions): boolean {
    return this.#overlay.set(options);
  }

  /**
   * Takes up what providers and toolbox offer by now. What fails is thrown; {@link lastSnapshot} is still good then.
   *
   * @throws {CoreError} `duplicate_tool`, `bad_option` of the overlay; and whatever the toolbox throws.
   */
  refresh(): ToolSnapshot {
    this.#overlay.refresh();
    return this.snapshot();
  }

  /** Harmless at any time: the next snapshot is built anew, and equal where its sources are. */
  invalidate(): void {
    this.#snapshots.clear();
    this.#definitions = new WeakMap();
  }

  /** Exactly what the model may call, as copies that are the caller's to change. */
  list(): ToolDefinition[] {
    return structuredClone([...this.snapshot().definitions]);
  }

  /** As {@link ToolSnapshot.find} of the present snapshot. */
  find(name: string): Tool | null {
    return this.snapshot().find(name);
  }

  /** As {@link ToolSnapshot.definitions} of the present snapshot. */
  definitions(): readonly ToolDefinition[] {
    return this.snapshot().definitions;
  }

  /** As {@link ToolSnapshot.refused} of the present snapshot. */
  refused(): readonly string[] {
    return this.snapshot().refused;
  }

  /** Schemas of our own tools outlive builds: making them is what costs. */
  #define(tool: Tool): ToolDefinition {
    const known = this.#definitions.get(tool) ?? toDefinition(tool);
    this.#definitions.set(tool, known);
    return known;
  }

  *#takenNames(): Generator<{ readonly name: string; readonly source: string }, void> {
    for (const { name } of this.#own) yield { name, source: "the agent" };
    for (const { id, tools = [] } of this.plugins.list()) {
      for (const { name } of tools) yield { name, source: `plugin ${JSON.stringify(id)}` };
    }
    for (const { name } of this.#toolbox?.tools() ?? []) {
      if (!isReservedToolName(name)) yield { name, source: "the toolbox" };
    }
  }
}
