import type { ThinkingEffort, TrustMode } from "@koda/core";

/** What was typed, parsed but not yet judged against the machine. */
export type Invocation =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "session"; readonly options: SessionFlags }
  | { readonly kind: "demo" }
  | { readonly kind: "doctor"; readonly isJson: boolean }
  | { readonly kind: "sessions"; readonly action: SessionsAction; readonly isJson: boolean }
  | ({ readonly kind: "compact" } & CompactRequest)
  | { readonly kind: "export"; readonly session: string | null; readonly output: string | null }
  | { readonly kind: "import"; readonly file: string; readonly isJson: boolean }
  | { readonly kind: "attach"; readonly session: string | null; readonly isJson: boolean }
  | { readonly kind: "egress"; readonly session: string | null; readonly isJson: boolean }
  | { readonly kind: "audit"; readonly session: string | null; readonly isJson: boolean }
  | ({ readonly kind: "cost" } & CostQuestion)
  | { readonly kind: "host-rule"; readonly verdict: "allow" | "deny"; readonly change: HostRuleChange }
  | { readonly kind: "mcp"; readonly change: McpChange }
  | { readonly kind: "hooks"; readonly change: HookChange }
  | { readonly kind: "rules"; readonly change: RuleChange };

export type SessionsAction =
  | { readonly kind: "list" }
  | { readonly kind: "show"; readonly session: string }
  /** `at` is an entry's whole id; null for where it is now. */
  | { readonly kind: "fork"; readonly session: string; readonly at: string | null }
  | { readonly kind: "status" | "pause" | "resume"; readonly session: string }
  | { readonly kind: "rewind"; readonly session: string; readonly to: RewindTarget }
  | { readonly kind: "remove"; readonly session: string };

export type RewindTarget =
  /** An entry's whole id: the next prompt follows it. */
  | { readonly kind: "entry"; readonly entryId: string }
  /** From 1 up: the last ones are unsaid. */
  | { readonly kind: "turns"; readonly turns: number };

export interface CompactRequest {
  readonly session: string;
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly isJson: boolean;
}

export type OutputFormat = "text" | "json" | "stream-json";

/** The flags of `koda` and `koda -p`. Absent means not given. */
export interface SessionFlags {
  readonly prompt?: string | undefined;
  readonly outputFormat: OutputFormat;
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly mode?: TrustMode | undefined;
  readonly thinking?: ThinkingEffort | undefined;
  readonly resume?: string | undefined;
  readonly continue: boolean;
  /** With one of the two: go on with the turn that was left without its end, rather than with a new prompt. */
  readonly unfinished: boolean;
  /** Model requests per turn. */
  readonly maxTurns?: number | undefined;
  /** Dollars that one turn may cost. */
  readonly maxCost?: number | undefined;
  /** Seconds that one turn may take. */
  readonly timeout?: number | undefined;
  readonly allow: readonly string[];
  readonly allowPrivate: readonly string[];
  /** Ports of this machine that commands may reach. */
  readonly hostPort: readonly PortPair[];
  /** Ports of the sandbox that this machine may reach. */
  readonly publish: readonly PortPair[];
  readonly record?: string | undefined;
  readonly trace?: string | undefined;
  readonly projectRoot?: string | undefined;
  readonly proxyPort?: number | undefined;
  readonly socksPort?: number | undefined;
}

/** Two ports that are joined, each from 1 to 65535. */
export interface PortPair {
  readonly hostPort: number;
  readonly sandboxPort: number;
}

export type HostRuleChange =
  | { readonly kind: "add"; readonly pattern: string; readonly isPrivate: boolean }
  | { readonly kind: "remove"; readonly pattern: string }
  | { readonly kind: "list" };

export type McpChange =
  | {
      readonly kind: "add";
      readonly name: string;
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "list" };

export interface CostQuestion {
  readonly by: "model" | "day";
  /** Null: from the beginning. */
  readonly sinceMs: number | null;
  /** Null: all of this user's. */
  readonly session: string | null;
  readonly isJson: boolean;
}

export type RuleChange =
  | { readonly kind: "add"; readonly verdict: "allow" | "ask" | "deny"; readonly text: string }
  | { readonly kind: "remove"; readonly text: string }
  | { readonly kind: "list"; readonly isJson: boolean };

export type HookRole = "guard" | "observer" | "async";

export type HookChange =
  | {
      readonly kind: "add";
      readonly name: string;
      readonly event: string;
      readonly role: HookRole;
      readonly order: number;
      readonly timeoutMs: number;
      /** Null conditions hold always. */
      readonly tool: string | null;
      readonly pathGlob: string | null;
      readonly commandPattern: string | null;
      /** Given to bash. */
      readonly command: string;
    }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "list"; readonly isJson: boolean };
