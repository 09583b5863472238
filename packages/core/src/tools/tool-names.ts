import { CoreError } from "../errors.ts";
import { canonicalToolName } from "./tool-alias.ts";

/** A name every vendor takes. */
const toolNamePattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Says whether every vendor takes this name of a tool. */
export function isToolName(name: string): boolean {
  return toolNamePattern.test(name);
}

/**
 * Names in use, and where each is from. A name is taken by an equal one, whatever its case, and by a tool that it is a
 * common spelling of: a second tool of that name could be meant by the same call.
 */
export class ToolNames {
  readonly #sources = new Map<string, string>();

  /** The source that has the name already; null when it was free, and is taken now. */
  claim(name: string, source: string): string | null {
    const owner = this.ownerOf(name);
    if (owner === null) this.add(name, source);
    return owner;
  }

  /** Takes a name whoever has it: for tools that were accepted elsewhere. */
  add(name: string, source: string): void {
    this.#sources.set(name.toLowerCase(), source);
  }

  ownerOf(name: string): string | null {
    return this.#sources.get(name.toLowerCase()) ?? this.#sources.get(canonicalToolName(name).toLowerCase()) ?? null;
  }
}

/** What two tools of one name have in common; the `cause` of a `duplicate_tool`. */
export interface ToolCollision {
  readonly toolName: string;
  readonly sources: readonly [string, string];
}

/** A `duplicate_tool` that names the tool and both sources, in its message and as a {@link ToolCollision} `cause`. */
export function toCollisionError(toolName: string, sources: readonly [string, string]): CoreError {
  const cause: ToolCollision = { toolName, sources };
  const [first, second] = sources;
  return new CoreError("duplicate_tool", `two tools are named ${toolName}: one from ${first}, one from ${second}`, {
    cause,
  });
}
