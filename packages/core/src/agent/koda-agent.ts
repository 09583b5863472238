import { realpathSync, statSync } from "node:fs";
import { CoreError } from "../errors.ts";
import type { Tool } from "../tools/tool.ts";
import { defaultSystemPrompt } from "./default-system-prompt.ts";

export interface KodaAgentOptions {
  /** Absent: Koda's own. The context of the project is appended either way. */
  readonly systemPrompt?: string | undefined;
  readonly projectRoot: string;
  readonly tools: readonly Tool[];
  /** Model steps in one turn before someone has to agree to more. Absent: 200. */
  readonly maxSteps?: number | undefined;
}

/** What many sessions share: prompt, tools, project. It never changes; everything that does is in the session. */
export class KodaAgent {
  readonly systemPrompt: string;
  /** Absolute, links resolved. */
  readonly projectRoot: string;
  readonly tools: readonly Tool[];
  readonly maxSteps: number;

  private constructor(options: KodaAgentOptions, projectRoot: string) {
    this.systemPrompt = options.systemPrompt ?? defaultSystemPrompt;
    this.projectRoot = projectRoot;
    this.tools = Object.freeze([...options.tools]);
    this.maxSteps = options.maxSteps ?? 200;
    Object.freeze(this);
  }

  /** @throws {CoreError} `bad_project_root` when the root is no directory that can be reached. */
  static create(options: KodaAgentOptions): KodaAgent {
    return new KodaAgent(options, resolveRoot(options.projectRoot));
  }
}

function resolveRoot(path: string): string {
  try {
    const real = realpathSync(path);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    throw new CoreError("bad_project_root", `cannot work in ${JSON.stringify(path)}`, { cause: error });
  }
  throw new CoreError("bad_project_root", `not a directory: ${JSON.stringify(path)}`);
}
