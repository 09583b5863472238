import { isReservedToolName } from "../guard/origin.ts";
import type { ToolDefinition } from "../ports/llm-provider.ts";
import type { ToolboxTool } from "../ports/toolbox.ts";
import type { PromptContribution } from "../prompt/prompt-contribution.ts";
import { asOutside } from "./as-outside.ts";
import type { OverlayState } from "./context-overlay.ts";
import { fromToolbox } from "./from-toolbox.ts";
import type { SessionPlugin } from "./session-plugins.ts";
import { freezeDefinition } from "./to-definition.ts";
import type { Tool } from "./tool.ts";
import { canonicalToolName } from "./tool-alias.ts";
import { isToolName, ToolNames } from "./tool-names.ts";
import type { ToolSnapshot } from "./tool-snapshot.ts";

export interface SnapshotSources {
  readonly revision: string;
  /** Names differ, whatever their case. */
  readonly own: readonly Tool[];
  readonly plugins: readonly SessionPlugin[];
  readonly toolbox: readonly ToolboxTool[];
  readonly overlay: OverlayState;
  readonly define: (tool: Tool) => ToolDefinition;
}

/**
 * Own tools in their order, then those of plugins, of the toolbox and of the overlay, each by name: what changes least
 * is first. On a name that is taken, a tool of the agent wins, then one of the overlay, a plugin's, the toolbox's.
 */
export function buildSnapshot({ revision, own, plugins, toolbox, overlay, define }: SnapshotSources): ToolSnapshot {
  const names = new ToolNames();
  const base = overlay.includeBaseTools ? { own, plugins, toolbox } : { own: [], plugins: [], toolbox: [] };
  for (const { name } of base.own) names.add(name, "the agent");
  for (const { name } of overlay.tools) names.add(name, "the overlay");
  const refused: string[] = [];
  const isFree = ({ name }: { readonly name: string }): boolean => {
    if (isToolName(name) && names.claim(name, "outside") === null) return true;
    refused.push(name);
    return false;
  };
  const fromTool = (tool: Tool): Offer => ({ name: tool.name, find: () => tool, define: () => define(tool) });
  const fromGuest = (tool: Tool): Offer => {
    const guest = asOutside(tool);
    return { name: tool.name, find: () => guest, define: () => define(tool) };
  };
  const ofPlugins = base.plugins.flatMap(({ tools = [] }) => tools).filter(isFree);
  const ofToolbox = base.toolbox.filter((tool) => {
    // By a name that Koda knows it would be taken for a tool of ours, also where ours is not offered.
    if (!isReservedToolName(tool.name)) return isFree(tool);
    refused.push(tool.name);
    return false;
  });
  const offers = [
    ...base.own.map(fromTool),
    ...ofPlugins.map(fromGuest).sort(byName),
    ...ofToolbox.map(fromOutside).sort(byName),
    ...overlay.tools.map(fromGuest),
  ];
  // What a plugin says is about the tools it brings: without them it says nothing.
  const speaking = plugins.filter(({ tools = [] }) => tools.length === 0 || overlay.includeBaseTools);
  return new BuiltSnapshot({
    revision,
    offers,
    refused,
    speeches: structuredClone([
      ...speaking.map(({ tools = [], contributions = [] }) => ({
        about: tools.map(({ name }) => name),
        contributions,
      })),
      { about: [], contributions: overlay.contributions },
    ]),
  });
}

/** What is said together, and of which tools; of none in particular when there are none. */
interface Speech {
  readonly about: readonly string[];
  readonly contributions: readonly PromptContribution[];
}

/** A tool by its name alone; the rest is made when it is asked for, so that hundreds cost little. */
interface Offer {
  readonly name: string;
  readonly find: () => Tool;
  readonly define: () => ToolDefinition;
}

function fromOutside(tool: ToolboxTool): Offer {
  let made: Tool | null = null;
  return {
    name: tool.name,
    find: () => {
      made ??= fromToolbox(tool);
      return made;
    },
    define: () => freezeDefinition(tool),
  };
}

class BuiltSnapshot implements ToolSnapshot {
  readonly revision: string;
  readonly names: readonly string[];
  readonly contributions: ToolSnapshot["contributions"];
  readonly refused: readonly string[];
  readonly #offers: readonly Offer[];
  readonly #speeches: readonly Speech[];
  readonly #byName: ReadonlyMap<string, Offer>;
  #definitions: readonly ToolDefinition[] | null = null;

  constructor(
    parts: Pick<ToolSnapshot, "revision" | "refused"> & {
      readonly offers: readonly Offer[];
      readonly speeches: readonly Speech[];
    },
  ) {
    this.revision = parts.revision;
    this.names = Object.freeze(parts.offers.map(({ name }) => name));
    this.contributions = Object.freeze(parts.speeches.flatMap(({ contributions }) => contributions));
    this.#speeches = parts.speeches;
    this.refused = Object.freeze(parts.refused);
    this.#offers = parts.offers;
    this.#byName = new Map(parts.offers.map((offer) => [offer.name, offer]));
    Object.freeze(this);
  }

  get definitions(): readonly ToolDefinition[] {
    this.#definitions ??= Object.freeze(this.#offers.map((offer) => offer.define()));
    return this.#definitions;
  }

  contributionsWith(names: ReadonlySet<string>): readonly PromptContribution[] {
    const isSaid = ({ about }: Speech): boolean => about.length === 0 || about.some((name) => names.has(name));
    return Object.freeze(this.#speeches.filter(isSaid).flatMap(({ contributions }) => contributions));
  }

  find(name: string): Tool | null {
    const offer = this.#byName.get(name) ?? this.#byName.get(canonicalToolName(name));
    return offer?.find() ?? null;
  }
}

const byName = (left: Offer, right: Offer): number => (left.name < right.name ? -1 : 1);
