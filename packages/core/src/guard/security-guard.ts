import type { PromptContribution } from "../prompt/prompt-contribution.ts";
import type { AuditRecord, AuditSeverity } from "../store/ledger-store.ts";
import type { ToolOrigin } from "../store/tool-call-record.ts";
import type { Tool } from "../tools/tool.ts";
import type { ToolEffect } from "../tools/tool-effect.ts";
import type { Decision } from "../trust/decision.ts";
import { type DangerousCommand, dangerousCommands, findDangerous } from "./dangerous-commands.ts";
import { findMarker } from "./find-marker.ts";
import { labelResult, labelSentence, originOf } from "./origin.ts";
import { isQuietTransfer } from "./quiet-transfer.ts";
import { type OutsideText, raiseDecision } from "./raise-decision.ts";
import { type Redaction, redact } from "./redact.ts";
import { redactJson, redactValue } from "./redact-value.ts";
import { createRedactingStream, type RedactingStream } from "./redacting-stream.ts";
import { SecretRegistry } from "./secret-registry.ts";
import { parseSecretRule } from "./secret-rule.ts";
import type { SecurityConfig } from "./security-config.ts";
import { findSuspicion } from "./suspicion.ts";
import { findSecretInArguments } from "./taint.ts";

/** A call to be judged by the guard, after mode and rules have judged it. */
export interface GuardedCall {
  readonly toolName: string;
  /** Of the tool. */
  readonly source?: Tool["source"];
  readonly input: unknown;
  /** The script of a Bash call; null for every other tool. */
  readonly command: string | null;
  readonly effect: ToolEffect;
  readonly decision: Decision;
  /** A rule of the user's own lets it run, not the table of modes. */
  readonly isAllowedByRule: boolean;
}

/** The result of a call, once it is there. */
export interface NotedResult {
  readonly toolName: string;
  readonly origin: ToolOrigin;
  readonly text: string;
  /** Each simple command of a Bash call, as typed. */
  readonly commands?: readonly string[] | undefined;
}

/**
 * Keeps secrets in and hostile text harmless, for one session. Without a configuration every method gives back what it
 * was given, at no cost.
 */
export class SecurityGuard {
  readonly #registry: SecretRegistry;
  readonly #redacts: boolean;
  readonly #taints: boolean;
  readonly #labels: boolean;
  readonly #dangerous: readonly DangerousCommand[];
  readonly #onAudit: ((record: AuditRecord) => void) | undefined;
  readonly #now: () => number;
  /** What was put on record in this turn: the same is not recorded twice. */
  readonly #recorded = new Set<string>();
  /** The names of secrets in whose place the model may have read a marker. */
  readonly #marked = new Set<string>();
  #seen: OutsideText = nothingSeen;

  /**
   * `config` null: nothing is guarded. `registry`: shared with the guard of a parent session; then what `config` would
   * add to it is known already, and its rules and patterns are those it was made with.
   *
   * @throws {CoreError} `bad_secret_rule`.
   */
  constructor(options: {
    readonly config: SecurityConfig | null;
    readonly now: () => number;
    readonly registry?: SecretRegistry | undefined;
    readonly onAudit?: ((record: AuditRecord) => void) | undefined;
  }) {
    const { config } = options;
    this.#redacts = config !== null && config.redaction !== false;
    this.#taints = config !== null && config.taint !== false;
    this.#labels = config !== null && config.outsideText !== false;
    this.#dangerous = config === null ? [] : toList(config.dangerousCommands);
    this.#now = options.now;
    this.#onAudit = options.onAudit;
    this.#registry = options.registry ?? createRegistry(config);
  }

  /** For the guard of a child session. */
  get registry(): SecretRegistry {
    return this.#registry;
  }

  /** What the system prompt says of labels. */
  get contributions(): readonly PromptContribution[] {
    return this.#labels ? labelContributions : [];
  }

  /** Learns the secrets in what the user wrote: by shape, and by rules of level `secret`. */
  learn(text: string): void {
    if (!this.#redacts && !this.#taints) return;
    const count = this.#registry.learnText(text);
    if (count > 0) this.#record("secret_learnt", "info", "noted", `${count} in what the user wrote`);
  }

  redact(text: string): string {
    return this.#redacts ? this.#report(redact(text, this.#registry.scanner())).text : text;
  }

  /** As {@link redact}, for the text of a JSON value: what comes back is JSON too. */
  redactJson(json: string): string {
    return this.#redacts ? this.#report(redactJson(json, this.#registry.scanner())).text : json;
  }

  /** Every string of a JSON value. What holds no secret comes back as the very same value. */
  redactValue<T>(value: T): T {
    return this.#redacts ? this.#report(redactValue(value, this.#registry.scanner())).value : value;
  }

  /** For one text that arrives in pieces. Each text needs its own. */
  stream(): RedactingStream {
    if (!this.#redacts) return passThrough;
    return createRedactingStream({
      scanner: () => this.#registry.scanner(),
      onFound: (found) => this.#report({ found }),
    });
  }

  /** Never looser than `call.decision`, and no reason holds a secret. */
  judgeCall(call: GuardedCall): Decision {
    if (call.decision.kind === "block") return call.decision;
    const slip = call.command === null ? null : findDangerous(call.command, this.#dangerous);
    if (slip !== null) {
      this.#record("dangerous_command", "critical", "blocked", `${call.toolName}: this ${slip.name}`);
      return { kind: "block", reason: `this ${slip.name}` };
    }
    const marker = findMarker(call, this.#marked);
    if (marker !== null) {
      this.#record("marker_in_text", "warning", "blocked", `${call.toolName}: ${marker}`);
      return { kind: "block", reason: `its text holds ${marker}, ${markerAdvice}` };
    }
    const secret = this.#taints && sendsOut(call) ? this.#findSecret(call.input) : null;
    if (secret !== null) {
      const reason = `its arguments hold a secret (${secret.name}), which must not leave`;
      this.#record("secret_in_arguments", "critical", "blocked", `${call.toolName}: ${secret.name}`);
      return { kind: "block", reason };
    }
    if (!this.#labels) return call.decision;
    const raised = raiseDecision(call.decision, { ...call, seen: this.#seen });
    if (raised !== call.decision) this.#record("call_raised", "warning", "asked", `${call.toolName}: ${raised.reason}`);
    return raised;
  }

  /**
   * Keeps in mind that this text is now before the model: to the end of the turn, and orders from outside until a person
   * agrees to a call or {@link forget} is called.
   */
  noteResult(result: NotedResult): void {
    if (!this.#labels) return;
    const isExternal = result.origin === "external";
    const families = result.origin === "koda" ? [] : findSuspicion(result.text);
    if (isExternal && !isQuietTransfer(result.commands ?? [])) {
      this.#seen = { ...this.#seen, external: result.toolName };
    }
    if (families.length === 0) return;
    const what = `${result.toolName}: ${families.join(", ")}`;
    this.#record("suspicious_text", isExternal ? "critical" : "warning", "noted", what);
    if (this.#seen.suspicious?.isExternal !== true) this.#seen = { ...this.#seen, suspicious: { isExternal, what } };
  }

  /**
   * A person has agreed to a call that was raised. Files may then be changed again, and text from outside that gives no
   * orders is done with; where some did, remote actions are asked about to the end of the turn.
   */
  noteApproval(call: { readonly effect: ToolEffect }): void {
    const { external, suspicious } = this.#seen;
    this.#seen = {
      external: call.effect === "remote-action" ? null : external,
      suspicious: suspicious === null ? null : { ...suspicious, isExternal: false },
    };
  }

  /** What an opened session still shows its model of earlier times: orders from outside in it count as just read. */
  recall({ toolName, origin, text }: Pick<NotedResult, "toolName" | "origin" | "text">): void {
    if (!this.#labels || origin !== "external" || this.#seen.suspicious !== null) return;
    const families = findSuspicion(text);
    if (families.length === 0) return;
    this.#seen = { ...this.#seen, suspicious: { isExternal: true, what: `${toolName}: ${families.join(", ")}` } };
  }

  /** Orders from outside are still in the context, and not done with. What else was read is. */
  newTurn(): void {
    const { suspicious } = this.#seen;
    this.#seen = { external: null, suspicious: suspicious?.isExternal === true ? suspicious : null };
    this.#recorded.clear();
  }

  /** What was read is no longer in the context. */
  forget(): void {
    this.#seen = nothingSeen;
  }

  /** A stored result as the model is to read it. */
  label(text: string, from: { readonly origin: ToolOrigin; readonly source: string }): string {
    return this.#labels ? labelResult(text, from) : text;
  }

  /** Forgets every secret, and what was seen. Shapes of keys are still blanked. */
  wipe(): void {
    const count = this.#registry.size;
    this.#registry.clear();
    this.newTurn();
    this.forget();
    if (count > 0) this.#record("wiped", "info", "noted", `${count} secrets forgotten`);
  }

  #findSecret(input: unknown): { readonly name: string } | null {
    return this.#registry.size === 0 ? null : findSecretInArguments(input, this.#registry.valueScanner());
  }

  #report<T extends Pick<Redaction, "found">>(redaction: T): T {
    for (const name of redaction.found) {
      this.#marked.add(name);
      this.#record("secret_redacted", "warning", "redacted", name);
    }
    return redaction;
  }

  #record(kind: string, severity: AuditSeverity, action: string, text: string): void {
    const key = `${kind}\0${text}`;
    if (this.#onAudit === undefined || (action === "redacted" && this.#recorded.has(key))) return;
    this.#recorded.add(key);
    // The words are ours, a tool's name is not.
    const safe = redact(text, this.#registry.scanner()).text.slice(0, maxAuditLength);
    this.#onAudit({ kind, severity, action, text: safe, createdAtMs: this.#now() });
  }
}

const labelContributions: readonly PromptContribution[] = [
  { slot: "rules", id: "labels", text: labelSentence, layer: "core", mode: "add" },
];
const maxAuditLength = 300;
const markerAdvice =
  "which stands for a secret that you were not shown, and would overwrite it. Leave that line as it is: change what is around it with Edit";
const nothingSeen: OutsideText = { external: null, suspicious: null };
const passThrough: RedactingStream = { push: (chunk) => chunk, flush: () => "" };

function toList(configured: SecurityConfig["dangerousCommands"]): readonly DangerousCommand[] {
  if (configured === false) return [];
  return configured === undefined || configured === true ? dangerousCommands : configured;
}

function createRegistry(config: SecurityConfig | null): SecretRegistry {
  if (config === null) return new SecretRegistry({ patterns: [] });
  const rules = (config.rules ?? []).map(parseSecretRule);
  const registry = new SecretRegistry({ patterns: config.patterns, rules });
  if (config.environment !== undefined) registry.learnEnvironment(config.environment);
  for (const text of config.keyFiles ?? []) registry.learnKeyFile(text);
  return registry;
}

/** A file tool keeps what it is given inside of the project; anything else may carry it out. */
function sendsOut({ toolName, source, effect }: GuardedCall): boolean {
  if (effect === "remote-action" || effect === "destructive") return true;
  const origin = originOf({ tool: { name: toolName, source }, hasConnected: false });
  return origin === "external" || origin === "command";
}
