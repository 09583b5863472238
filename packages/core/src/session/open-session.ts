import { randomUUID } from "node:crypto";
import type { KodaAgent } from "../agent/koda-agent.ts";
import { blankedValueName, parseBlankedJson } from "../context/blanked-value.ts";
import { defaultThreshold } from "../context/decide-shrink.ts";
import { loadView, viewChars } from "../context/load-view.ts";
import { createInProcessEffects } from "../effects/in-process-effects.ts";
import { CoreError } from "../errors.ts";
import { FileTracker } from "../files/file-tracker.ts";
import type { SecurityConfig } from "../guard/security-config.ts";
import { SecurityGuard } from "../guard/security-guard.ts";
import { HookEngine } from "../hooks/hook-engine.ts";
import { toCommandHook } from "../hooks/to-command-hook.ts";
import { DeadLetters } from "../lanes/dead-letters.ts";
import { LaneQueue, type LaneQueueOptions } from "../lanes/lane-queue.ts";
import { checkBudget, type TurnBudget } from "../ledger/budget.ts";
import { createMemoryContextProvider } from "../memory/memory-context-provider.ts";
import { SessionMemory } from "../memory/session-memory.ts";
import type { Goal } from "../planning/goal.ts";
import { updatePlanTool } from "../planning/update-plan.ts";
import type { Effects } from "../ports/effects.ts";
import type { LlmProvider, ThinkingEffort } from "../ports/llm-provider.ts";
import type { PathGuard } from "../ports/path-guard.ts";
import type { ProxyEndpoint } from "../ports/proxy-endpoint.ts";
import type { Runner } from "../ports/runner.ts";
import type { Toolbox } from "../ports/toolbox.ts";
import type { ContextProvider } from "../prompt/context-provider.ts";
import { ContextProviders } from "../prompt/context-providers.ts";
import type { AuditRecord } from "../store/ledger-store.ts";
import type { SessionRecord, SessionWriter } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import { ToolCatalog } from "../tools/catalog.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import type { Approvals } from "../turn/turn-context.ts";
import { keepDraft } from "./keep-draft.ts";
import { checkThinking, KodaSession } from "./koda-session.ts";
import { LeaseKeeper, takeLease } from "./lease-keeper.ts";
import { type ProviderPin, pinProvider } from "./pin-provider.ts";
import { checkSessionId } from "./session-id.ts";
import { SessionTrust } from "./session-trust.ts";

export interface OpenSessionOptions {
  readonly agent: KodaAgent;
  /** Stays the caller's: it is not closed with the session. */
  readonly store: Store;
  /** Null when none could be found: then the session cannot be opened, and the error says what is missing. */
  readonly provider: LlmProvider | null;
  /** Goes on with another provider than the session was held with. Absent: that is an error. */
  readonly rebind?: boolean | undefined;
  readonly runner: Runner;
  readonly pathGuard: PathGuard;
  readonly toolbox?: Toolbox | undefined;
  readonly mode: TrustMode;
  readonly proxy: ProxyEndpoint | null;
  readonly socks5Proxy: ProxyEndpoint | null;
  /** `reject`: nobody can answer. A question becomes an automatic no that the model reads. */
  readonly approvals: Approvals;
  /** How long a question waits before it is an automatic no. Absent: as long as it takes. */
  readonly answerWithinMs?: number | undefined;
  /** The whole id of a session to go on with. Absent: a new one. */
  readonly resume?: string | undefined;
  /** The session that a new one works for: what it costs counts there too. At most four such above each other. */
  readonly parentId?: string | undefined;
  readonly effects?: Effects | undefined;
  /** Model steps in one turn. Absent: what the agent says. */
  readonly maxSteps?: number | undefined;
  /** What one turn may cost and take. Absent: as much as it does. */
  readonly budget?: TurnBudget | undefined;
  /** What becomes of secrets, and of text from outside. Absent: nothing is guarded, at no cost. */
  readonly security?: SecurityConfig | undefined;
  /** Hooks of this session and others; those of an earlier engine run first. */
  readonly hooks?: readonly HookEngine[] | undefined;
  /** Slots of the lanes, metrics, a bound shared with other sessions. */
  readonly lanes?: Omit<LaneQueueOptions, "now" | "deadLetters"> | undefined;
  /** Whether calls that were given up on are kept for a look. Absent: no. */
  readonly hasDeadLetters?: boolean | undefined;
  /**
   * The part of the model's context, 0 to 1, from which on old results are left out and old messages summarised. Absent:
   * 0.8. Null: never; a request that is too long is then shortened once it was refused.
   */
  readonly compactAt?: number | null | undefined;
  /** Asked about every prompt; more can be added later. */
  readonly contextProviders?: readonly ContextProvider[] | undefined;
  /** Whether completed turns are remembered for the project, and what fits a prompt is put beside it. Absent: off. */
  readonly hasMemory?: boolean | undefined;
  /** Whether the model makes a plan before the first step of a turn. Absent: off. */
  readonly isPlanning?: boolean | undefined;
  /** How much the model thinks before it answers. Absent: as the session did before, by itself when it is new. */
  readonly thinking?: ThinkingEffort | undefined;
  /** What the session is to reach; looked at when a turn is complete. */
  readonly goal?: Goal | undefined;
}

/**
 * Opens a session, new or resumed, and becomes its only writer. A session that cannot be opened leaves nothing behind.
 * An answer that a killed process left unfinished is kept as a cut one.
 *
 * @throws {CoreError} `enforcement_missing` (Auto without kernel confinement), `bad_session_id`, `session_not_found`,
 * `provider_mismatch`, `session_busy` (naming the process), `duplicate_tool`, `bad_rule`, `bad_hook`, `bad_option`,
 * `bad_secret_rule`, `volatile_store`, `store_failed`, `store_rejected`.
 */
export async function openSession(options: OpenSessionOptions): Promise<KodaSession> {
  const { agent, store, runner, mode } = options;
  const effects = options.effects ?? createInProcessEffects();
  if (mode === "auto" && runner.enforcement !== "kernel") {
    throw new CoreError(
      "enforcement_missing",
      `Auto mode needs commands confined by the kernel, and here they are not (${runner.enforcement}): use Safe mode`,
    );
  }
  const { isPlanning = false } = options;
  const catalog = ToolCatalog.create(isPlanning ? [...agent.tools, updatePlanTool] : agent.tools, options.toolbox);
  const trust = new SessionTrust({ store, projectRoot: agent.projectRoot, mode, now: () => effects.now() });
  const resumed = options.resume === undefined ? null : readResumed(options, checkSessionId(options.resume));
  const id = resumed?.id ?? effects.id();
  const { provider, pin } = takeProvider(options, { sessionId: id, recordedId: resumed?.providerId ?? null });

  if (effects.isDurable === true && !store.isDurable) {
    const message = `durable effects need a store that outlives the process, and ${store.backend} does not`;
    throw new CoreError("volatile_store", message);
  }
  let session: KodaSession | null = null;
  checkBudget(options.budget ?? {});
  const compactAt = parseThreshold(options.compactAt);
  const audit = { sink: (_record: AuditRecord): void => undefined };
  const guard = new SecurityGuard({
    config: options.security ?? null,
    now: () => effects.now(),
    onAudit: (record) => audit.sink(record),
  });
  const deadLetters = options.hasDeadLetters === true ? new DeadLetters((event) => session?.tell(event)) : undefined;
  const lanes = new LaneQueue({ ...options.lanes, deadLetters, now: () => effects.now() });
  lanes.start();
  if (resumed === null && options.parentId !== undefined) checkParent(store, checkSessionId(options.parentId));
  // Whatever can be wrong with what was given is found before anything is written.
  if (options.thinking !== undefined) checkThinking(provider);
  const commandHooks = openCommandHooks(options, { effects, trust });
  const token = effects.id();
  const writer = store.together(() => {
    if (resumed === null) store.createSession(toNewRecord(options, provider, { id, nowMs: effects.now() }));
    return takeLease(store, id, { token, nowMs: effects.now() });
  });
  const onLost = (error: CoreError): void => session?.endByLease(error);
  const lease = new LeaseKeeper(store, writer, { token, onLost });
  try {
    if (resumed !== null) takeUp(options, provider, { writer: lease.writer, effects });
    // As it is now: whoever had the lease until a moment ago may have written since it was read.
    const record = store.readSession(id) ?? toNewRecord(options, provider, { id, nowMs: effects.now() });
    const blanked = parseBlankedJson(store.readValue(id, blankedValueName));
    const memory =
      options.hasMemory === true
        ? openMemory(options, {
            guard,
            warn: (text) => session?.tell({ type: "warning", code: "memory_unavailable", message: text }),
          })
        : null;
    const providers = new ContextProviders();
    if (memory !== null) providers.add(createMemoryContextProvider(memory));
    for (const one of options.contextProviders ?? []) providers.add(one);
    const maxChars = viewChars(provider.contextWindow ?? 0);
    // In one transaction: a read of its own for every entry and its calls would take half as long again.
    const view = store.together(() => loadView(store, record.leafId, { maxChars, blanked }));
    session = new KodaSession({
      record,
      view,
      blanked,
      lease,
      agent,
      store,
      provider,
      runner,
      pathGuard: options.pathGuard,
      catalog,
      files: new FileTracker(store.readOwnedFiles(id)),
      trust,
      effects,
      guard,
      onAudit: (sink) => {
        audit.sink = sink;
      },
      hooks: [...(options.hooks ?? []), commandHooks],
      commandHooks,
      providers,
      memory,
      isPlanning,
      goal: options.goal ?? null,
      lanes,
      compactAt,
      budget: options.budget ?? {},
      approvals: options.approvals,
      answerWithinMs: options.answerWithinMs ?? null,
      maxSteps: options.maxSteps ?? agent.maxSteps,
      proxy: options.proxy,
      socks5Proxy: options.socks5Proxy,
      isResumed: resumed !== null,
    });
    if (options.thinking !== undefined) session.setThinking(options.thinking);
    if (pin.kind === "rebound") session.noteRebind(pin);
    await session.greet();
    return session;
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
}

/** @throws {CoreError} `bad_option`. */
function parseThreshold(value: number | null | undefined): number | null {
  if (value === undefined) return defaultThreshold;
  if (value === null || (value > 0 && value <= 1)) return value;
  throw new CoreError("bad_option", `compactAt is above 0 and at most 1, or null, not ${value}`);
}

/** @throws {CoreError} as {@link pinProvider}. */
function takeProvider(
  { provider: offered, rebind = false }: OpenSessionOptions,
  session: { readonly sessionId: string; readonly recordedId: string | null },
): { readonly provider: LlmProvider; readonly pin: ProviderPin } {
  const pin = pinProvider({ ...session, offered, rebind });
  if (offered === null) throw new CoreError("provider_unconfigured", `session ${session.sessionId} has no provider`);
  return { provider: offered, pin };
}

/** @throws {CoreError} `bad_hook` that says which one cannot be read, and why. */
function openCommandHooks(
  { store, agent, runner }: OpenSessionOptions,
  { effects, trust }: { readonly effects: Effects; readonly trust: SessionTrust },
): HookEngine {
  const engine = new HookEngine();
  for (const hook of store.listHooks(agent.projectRoot)) {
    const isReadOnly = (): boolean => trust.mode() === "plan";
    engine.register(toCommandHook(hook, { runner, id: () => effects.id(), isReadOnly }));
  }
  return engine;
}

function openMemory(
  { store, agent }: OpenSessionOptions,
  { guard, warn }: { readonly guard: SecurityGuard; readonly warn: (text: string) => void },
): SessionMemory {
  return new SessionMemory({
    store,
    projectRoot: agent.projectRoot,
    // Its own, for it is not replayed: what happens after a turn would take ids and times from the next one.
    now: () => Date.now(),
    id: () => randomUUID(),
    onUnavailable: warn,
    redact: (text) => guard.redact(text),
  });
}

function readResumed({ store, agent }: OpenSessionOptions, id: string): SessionRecord {
  const record = store.readSession(id);
  if (record === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(id)}`);
  if (record.projectRoot !== agent.projectRoot) {
    throw new CoreError(
      "session_not_found",
      `session ${id} belongs to ${record.projectRoot}, not ${agent.projectRoot}`,
    );
  }
  return record;
}

/** @throws {CoreError} `session_not_found`; `bad_option` for a child of a child of a child of a child. */
function checkParent(store: Store, parentId: string): void {
  let depth = 0;
  for (let id: string | null = parentId; id !== null; depth += 1) {
    const record: SessionRecord | null = store.readSession(id);
    if (record === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(id)} to work for`);
    if (depth === maxDepth)
      throw new CoreError("bad_option", `session ${parentId} is ${maxDepth} below its root already`);
    id = record.parentId;
  }
}

const maxDepth = 4;

function toNewRecord(
  { agent, mode, parentId }: OpenSessionOptions,
  provider: LlmProvider,
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): SessionRecord {
  return {
    id,
    projectRoot: agent.projectRoot,
    title: null,
    providerId: provider.id,
    model: provider.model,
    mode,
    state: "active",
    stateReason: null,
    parentId: parentId ?? null,
    leafId: null,
    turnCount: 0,
    fence: 0,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

/** What an earlier process has left: the draft of an answer, a mode and a model that may be others now. */
function takeUp(
  { store, mode }: OpenSessionOptions,
  provider: LlmProvider,
  { writer, effects }: { readonly writer: SessionWriter; readonly effects: Effects },
): void {
  const { sessionId } = writer;
  keepDraft(store, writer, { id: () => effects.id(), nowMs: effects.now() });
  const record = store.readSession(sessionId);
  if (record?.mode !== mode || record.model !== provider.model || record.providerId !== provider.id) {
    store.changeSession(writer, { mode, model: provider.model, providerId: provider.id }, effects.now());
  }
}
