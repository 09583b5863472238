import type { KodaAgent } from "../agent/koda-agent.ts";
import type { LoadedView } from "../context/load-view.ts";
import type { FileTracker } from "../files/file-tracker.ts";
import type { SecurityGuard } from "../guard/security-guard.ts";
import type { HookEngine } from "../hooks/hook-engine.ts";
import type { LaneQueue } from "../lanes/lane-queue.ts";
import type { TurnBudget } from "../ledger/budget.ts";
import type { SessionMemory } from "../memory/session-memory.ts";
import type { Goal } from "../planning/goal.ts";
import type { Effects } from "../ports/effects.ts";
import type { LlmProvider } from "../ports/llm-provider.ts";
import type { PathGuard } from "../ports/path-guard.ts";
import type { ProxyEndpoint } from "../ports/proxy-endpoint.ts";
import type { Runner } from "../ports/runner.ts";
import type { ContextProviders } from "../prompt/context-providers.ts";
import type { AuditRecord } from "../store/ledger-store.ts";
import type { SessionRecord } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import type { ToolCatalog } from "../tools/catalog.ts";
import type { Approvals } from "../turn/turn-context.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { SessionTrust } from "./session-trust.ts";

/** What a session is made of. {@link openSession} puts it together. */
export interface SessionParts {
  /** As it is in the store. */
  readonly record: SessionRecord;
  /** What its model is shown of its past. */
  readonly view: LoadedView;
  readonly lease: LeaseKeeper;
  readonly agent: KodaAgent;
  readonly store: Store;
  readonly provider: LlmProvider;
  readonly runner: Runner;
  readonly pathGuard: PathGuard;
  readonly catalog: ToolCatalog;
  readonly files: FileTracker;
  readonly trust: SessionTrust;
  readonly effects: Effects;
  readonly guard: SecurityGuard;
  /** Those shared with other sessions. */
  readonly hooks: readonly HookEngine[];
  /** The user's own, for this session alone. */
  readonly commandHooks: HookEngine;
  readonly providers: ContextProviders;
  /** Null when it is off. */
  readonly memory: SessionMemory | null;
  readonly isPlanning: boolean;
  readonly goal: Goal | null;
  readonly blanked: ReadonlySet<string>;
  readonly lanes: LaneQueue;
  /** Told where the guard's findings go. */
  readonly onAudit: (sink: (record: AuditRecord) => void) => void;
  /** The part of the context from which on it is shrunk; null for never. */
  readonly compactAt: number | null;
  readonly approvals: Approvals;
  readonly answerWithinMs: number | null;
  readonly budget: TurnBudget;
  readonly maxSteps: number;
  readonly proxy: ProxyEndpoint | null;
  readonly socks5Proxy: ProxyEndpoint | null;
  readonly isResumed: boolean;
}
