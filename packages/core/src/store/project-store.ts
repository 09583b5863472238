/** What users have settled, for a project or for all. */
export interface ProjectStore {
  listPermissionRules(projectRoot: string): readonly PermissionRuleRecord[];
  /** Adding a rule that is there already changes nothing. */
  addPermissionRule(projectRoot: string, rule: PermissionRuleRecord, nowMs: number): void;
  /** False when there was none. */
  removePermissionRule(projectRoot: string, rule: PermissionRuleRecord): boolean;
  listHostRules(projectRoot: string): readonly HostRuleRecord[];
  /** A pattern has one verdict per project: the last one given. */
  addHostRule(projectRoot: string, rule: HostRuleRecord, nowMs: number): void;
  removeHostRule(projectRoot: string, pattern: string): boolean;
  listMcpServers(): readonly McpServerRecord[];
  /** Replaces a server of the same name. */
  addMcpServer(server: McpServerRecord, nowMs: number): void;
  removeMcpServer(name: string): boolean;
  /** By order, then by name. */
  listHooks(projectRoot: string): readonly HookRecord[];
  /** Replaces a hook of the same name. */
  addHook(projectRoot: string, hook: HookRecord, nowMs: number): void;
  removeHook(projectRoot: string, name: string): boolean;
  /** Null when never written. */
  readSetting(key: string): string | null;
  writeSetting(key: string, value: string): void;
}

/** `text` is in the grammar of `parsePermissionRule`; the store does not judge it. */
export interface PermissionRuleRecord {
  readonly verdict: "allow" | "ask" | "deny";
  readonly text: string;
}

export interface HostRuleRecord {
  /** `allow-private`: the host may also be on the user's own network or machine. */
  readonly verdict: "allow" | "allow-private" | "deny";
  readonly pattern: string;
}

/** How to start one MCP server. Values of `env` are kept as given: they are no place for secrets. */
export interface McpServerRecord {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A command of the user's that is run when something happens. Its fields are read by the hooks; the store does not judge them. */
export interface HookRecord {
  readonly name: string;
  readonly event: string;
  readonly role: "guard" | "observer" | "async";
  /** Lower runs first. */
  readonly order: number;
  readonly timeoutMs: number;
  /** As JSON text. */
  readonly matcherJson: string;
  readonly command: string;
}
