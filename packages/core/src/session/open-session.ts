import type { KodaAgent } from "../agent/koda-agent.ts";
import { createInProcessEffects } from "../effects/in-process-effects.ts";
import { CoreError } from "../errors.ts";
import { FileTracker } from "../files/file-tracker.ts";
import type { Effects } from "../ports/effects.ts";
import type { LlmProvider } from "../ports/llm-provider.ts";
import type { PathGuard } from "../ports/path-guard.ts";
import type { ProxyEndpoint } from "../ports/proxy-endpoint.ts";
import type { Runner } from "../ports/runner.ts";
import type { Toolbox } from "../ports/toolbox.ts";
import type { SessionRecord } from "../store/session-record.ts";
import type { Store } from "../store/store.ts";
import { ToolCatalog } from "../tools/catalog.ts";
import type { TrustMode } from "../trust/trust-mode.ts";
import type { Approvals } from "../turn/turn-context.ts";
import { KodaSession } from "./koda-session.ts";
import { isOwnerAlive, toLeaseOwner } from "./process-identity.ts";
import { checkSessionId } from "./session-id.ts";
import { SessionTrust } from "./session-trust.ts";
import { Transcript } from "./transcript.ts";

export interface OpenSessionOptions {
  readonly agent: KodaAgent;
  /** Stays the caller's: it is not closed with the session. */
  readonly store: Store;
  readonly provider: LlmProvider;
  readonly runner: Runner;
  readonly pathGuard: PathGuard;
  readonly toolbox?: Toolbox | undefined;
  readonly mode: TrustMode;
  readonly proxy: ProxyEndpoint | null;
  readonly socks5Proxy: ProxyEndpoint | null;
  /** `reject`: nobody can answer. A question becomes an automatic no that the model reads. */
  readonly approvals: Approvals;
  /** The whole id of a session to go on with. Absent: a new one. */
  readonly resume?: string | undefined;
  readonly effects?: Effects | undefined;
  /** Model steps in one turn. Absent: what the agent says. */
  readonly maxSteps?: number | undefined;
}

/**
 * Opens a session, new or resumed, and becomes its only writer. A session that cannot be opened leaves nothing behind.
 * An answer that a killed process left unfinished is kept as a cut one.
 *
 * @throws {CoreError} `enforcement_missing` (Auto without kernel confinement), `bad_session_id`, `session_not_found`,
 * `provider_mismatch`, `session_busy` (naming the process), `duplicate_tool`, `bad_rule`, `store_failed`, `store_rejected`.
 */
export async function openSession(options: OpenSessionOptions): Promise<KodaSession> {
  const { agent, store, provider, runner, mode } = options;
  const effects = options.effects ?? createInProcessEffects();
  if (mode === "auto" && runner.enforcement !== "kernel") {
    throw new CoreError(
      "enforcement_missing",
      `Auto mode needs commands confined by the kernel, and here they are not (${runner.enforcement}): use Safe mode`,
    );
  }
  const catalog = ToolCatalog.create(agent.tools, options.toolbox);
  const trust = new SessionTrust({ store, projectRoot: agent.projectRoot, mode, now: () => effects.now() });
  const resumed = options.resume === undefined ? null : readResumed(options, checkSessionId(options.resume));
  const id = resumed?.id ?? effects.id();

  if (resumed === null) store.createSession(toNewRecord(options, id, effects.now()));
  const release = acquireLease(store, id, effects.id());
  try {
    if (resumed !== null) takeUp(options, resumed, effects);
    return new KodaSession({
      id,
      agent,
      provider,
      runner,
      pathGuard: options.pathGuard,
      catalog,
      files: new FileTracker(store.readOwnedFiles(id)),
      trust,
      effects,
      approvals: options.approvals,
      maxSteps: options.maxSteps ?? agent.maxSteps,
      proxy: options.proxy,
      socks5Proxy: options.socks5Proxy,
      title: resumed?.title ?? null,
      isResumed: resumed !== null,
      openTranscript: (onLost) => new Transcript({ sessionId: id, store, effects, onLost }),
      release,
    });
  } catch (error) {
    release();
    throw error;
  }
}

function readResumed({ store, agent, provider }: OpenSessionOptions, id: string): SessionRecord {
  const record = store.readSession(id);
  if (record === null) throw new CoreError("session_not_found", `no session ${JSON.stringify(id)}`);
  if (record.projectRoot !== agent.projectRoot) {
    throw new CoreError(
      "session_not_found",
      `session ${id} belongs to ${record.projectRoot}, not ${agent.projectRoot}`,
    );
  }
  if (record.providerId !== provider.id) {
    throw new CoreError(
      "provider_mismatch",
      `session ${id} was held with provider ${JSON.stringify(record.providerId)}, not ${JSON.stringify(provider.id)}`,
    );
  }
  return record;
}

function toNewRecord({ agent, provider, mode }: OpenSessionOptions, id: string, nowMs: number): SessionRecord {
  return {
    id,
    projectRoot: agent.projectRoot,
    title: null,
    providerId: provider.id,
    model: provider.model,
    mode,
    turnCount: 0,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

/** What an earlier process has left: the draft of an answer, a mode and a model that may be others now. */
function takeUp({ store, provider, mode }: OpenSessionOptions, record: SessionRecord, effects: Effects): void {
  const draft = store.readDraft(record.id);
  if (draft !== null) {
    store.appendEntry({
      id: effects.id(),
      sessionId: record.id,
      parentId: store.readEntries(record.id).at(-1)?.id ?? null,
      turnId: draft.turnId,
      createdAtMs: effects.now(),
      content: { kind: "assistant", text: draft.text, thinking: draft.thinking, toolCalls: [], isComplete: false },
    });
  }
  if (record.mode !== mode || record.model !== provider.model) {
    store.changeSession(record.id, { mode, model: provider.model }, effects.now());
  }
}

/** The result gives the lease back; that it cannot be given back is no reason to fail, for a dead owner has none. */
function acquireLease(store: Store, sessionId: string, token: string): () => void {
  const holder = store.acquireLease(sessionId, toLeaseOwner(token), isOwnerAlive);
  if (holder !== null) {
    throw new CoreError("session_busy", `session ${sessionId} is open in process ${holder.pid}`);
  }
  return () => {
    try {
      store.releaseLease(sessionId, token);
    } catch {
      // A store that is closed or broken: the lease ends with this process.
    }
  };
}
