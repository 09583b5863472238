import { CoreError } from "../errors.ts";
import type { PromptContribution } from "../prompt/prompt-contribution.ts";
import type { Tool } from "./tool.ts";
import { isToolName, ToolNames, toCollisionError } from "./tool-names.ts";
import type { ToolProvider } from "./tool-provider.ts";

/** What is laid over a session for its next turns. It is set as a whole: what is absent is empty. */
export interface ContextOverlayOptions {
  readonly tools?: readonly (Tool | ToolProvider)[] | undefined;
  readonly promptContributions?: readonly PromptContribution[] | undefined;
  /** False: the model has the tools of the overlay alone. Absent: true. */
  readonly includeBaseTools?: boolean | undefined;
}

/** An overlay that has been accepted. */
export interface OverlayState {
  /** Zero before the first change. Never used twice. */
  readonly revision: number;
  /** By name. */
  readonly tools: readonly Tool[];
  readonly contributions: readonly PromptContribution[];
  readonly includeBaseTools: boolean;
}

/** Names of tools that an overlay has to keep off, with where they are from. */
export type TakenNames = () => Iterable<{ readonly name: string; readonly source: string }>;

/** The overlay of one session: composed first, taken over when all of it fits. */
export class ContextOverlay {
  readonly #takenNames: TakenNames;
  #state: OverlayState = Object.freeze({ revision: 0, tools: [], contributions: [], includeBaseTools: true });
  #options: ContextOverlayOptions = {};
  #identity: readonly unknown[] = toIdentity({});

  constructor(takenNames: TakenNames) {
    this.#takenNames = takenNames;
  }

  get state(): OverlayState {
    return this.#state;
  }

  /**
   * True when this made a new revision. Tools are compared by the id and generation of their provider, or as objects;
   * contributions by what they say: with nothing changed the old revision stands, and caches with it.
   *
   * @throws {CoreError} `duplicate_tool` naming the tool and both sources; `bad_option` for a name that vendors refuse,
   * and for two providers of one id. The old overlay then stays as it is.
   */
  set(options: ContextOverlayOptions): boolean {
    const identity = toIdentity(options);
    const isSame =
      identity.length === this.#identity.length && identity.every((part, index) => part === this.#identity[index]);
    if (isSame) return false;
    const includeBaseTools = options.includeBaseTools ?? true;
    const state = Object.freeze({
      revision: this.#state.revision + 1,
      tools: composeTools(options.tools ?? [], includeBaseTools ? this.#takenNames() : []),
      contributions: structuredClone(options.promptContributions ?? []),
      includeBaseTools,
    });
    this.#state = state;
    const { tools = [], promptContributions } = options;
    this.#options = { ...options, tools: [...tools], promptContributions: structuredClone(promptContributions) };
    this.#identity = identity;
    return true;
  }

  /** Takes up providers whose generation has grown since. As {@link set}, with what was set last. */
  refresh(): boolean {
    return this.set(this.#options);
  }
}

function composeTools(
  offers: readonly (Tool | ToolProvider)[],
  taken: Iterable<{ readonly name: string; readonly source: string }>,
): readonly Tool[] {
  const names = new ToolNames();
  for (const { name, source } of taken) names.add(name, source);
  const providerIds = new Set<string>();
  const tools: Tool[] = [];
  for (const offer of offers) {
    if (isProvider(offer)) {
      if (providerIds.has(offer.id)) {
        throw new CoreError("bad_option", `two tool providers are named ${JSON.stringify(offer.id)}`);
      }
      providerIds.add(offer.id);
    }
    const source = isProvider(offer) ? `provider ${JSON.stringify(offer.id)}` : "the overlay";
    for (const tool of isProvider(offer) ? offer.tools() : [offer]) {
      if (!isToolName(tool.name)) {
        throw new CoreError("bad_option", `not a name for a tool: ${JSON.stringify(tool.name)}, from ${source}`);
      }
      const owner = names.claim(tool.name, source);
      if (owner !== null) throw toCollisionError(tool.name, [owner, source]);
      tools.push(tool);
    }
  }
  return tools.sort((left, right) => (left.name < right.name ? -1 : 1));
}

function toIdentity(options: ContextOverlayOptions): readonly unknown[] {
  const { tools = [], promptContributions = [], includeBaseTools = true } = options;
  return [
    includeBaseTools,
    JSON.stringify(promptContributions.map(({ slot, id, text, layer, mode }) => [slot, id, text, layer, mode])),
    ...tools.map((offer) => (isProvider(offer) ? JSON.stringify([offer.id, offer.generation]) : offer)),
  ];
}

const isProvider = (offer: Tool | ToolProvider): offer is ToolProvider => "tools" in offer;
