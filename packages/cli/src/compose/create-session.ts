import { dirname } from "node:path";
import {
  builtInTools,
  CoreError,
  type EngineEvent,
  KodaAgent,
  type KodaSession,
  type LlmProvider,
  openSession,
  preloadBashGrammar,
  type Store,
  type TrustMode,
} from "@koda/core";
import {
  createPathGuard,
  createPolicy,
  devAllowlistFilter,
  escapeWildcards,
  openSandbox,
  type ResolveHost,
  type Sandbox,
  type Upstream,
} from "@koda/sandbox";
import type { Config } from "../config/load-config.ts";
import { ConnectionRecorder } from "./connection.ts";
import { openToolbox } from "./mcp.ts";
import { toRunner } from "./runner.ts";
import { loadSecurity } from "./secrets.ts";
import type { SessionObserver } from "./session-observer.ts";
import type { SessionWarning } from "./session-warning.ts";

/** A conversation with everything it stands on. Disposing closes it all, the session last. */
export interface OpenedSession extends AsyncDisposable {
  readonly session: KodaSession;
  readonly sandbox: Sandbox;
  /** What is missing since the session was opened; told once, at the start. */
  readonly warnings: readonly SessionWarning[];
  /** Connections that the filter refused since the session was opened. */
  connectionsRefused(): number;
  /**
   * Ends the session's work, its hooks' last one included, and then every connection and command; what they were is on
   * record when this resolves.
   */
  closeSandbox(): Promise<void>;
}

export interface CreateSessionOptions {
  readonly config: Config;
  readonly store: Store;
  readonly provider: LlmProvider;
  /** `reject`: nobody can answer, so a question is a refusal. */
  readonly approvals: "ask" | "reject";
  readonly resume: string | null;
  /** A company's proxies that commands' connections are sent through; null: all are direct. */
  readonly upstream: Upstream | null;
  readonly resolveHost?: ResolveHost | undefined;
  /** Hears every event of the session, `session-start` first. */
  readonly onEvent?: ((event: EngineEvent) => void) | undefined;
  /** Looks on, until the session is closed. */
  readonly observer?: SessionObserver | undefined;
  /** Told in one line what the opening waits for, when that takes long. */
  readonly notify?: ((message: string) => void) | undefined;
}

/**
 * Opens a session with its sandbox, proxies and MCP servers. Fails open: a proxy or server that does not start is a
 * warning, and what needed it has no network.
 *
 * @throws {CoreError} `enforcement_missing` when Auto was asked for and the kernel does not confine.
 */
export async function createSession(options: CreateSessionOptions): Promise<OpenedSession> {
  const { config, store } = options;
  await using stack = new AsyncDisposableStack();
  void preloadBashGrammar(); // while the sandbox opens, and so are the secrets
  const loadingSecurity = loadSecurity(config);
  const policy = createPolicy({
    projectRoot: config.projectRoot,
    home: config.home,
    writePaths: [],
    readOnlyPaths: [dirname(process.execPath)],
    readDenyPaths: [],
    privateDirs: [escapeWildcards(config.dataDir)],
  });
  const sandbox = stack.use(
    await openSandbox({
      policy,
      filter: devAllowlistFilter().layer(hostRules(config, store)),
      upstream: options.upstream,
      hostPorts: config.hostPorts,
      publishedPorts: config.publishedPorts,
      searchPath: config.searchPath,
      environment: config.environment,
      ...(options.resolveHost === undefined ? {} : { resolveHost: options.resolveHost }),
      ...(config.httpPort === null ? {} : { httpPort: config.httpPort }),
      ...(config.socksPort === null ? {} : { socksPort: config.socksPort }),
    }),
  );
  const connections = new ConnectionRecorder();
  sandbox.subscribe((event) => connections.hear(event));
  const mode = chooseMode(options, sandbox);
  const { toolbox, warnings: toolboxWarnings } = await openToolbox({
    store,
    sandbox,
    stack,
    isReadOnly: mode === "plan",
    notify: options.notify,
  });
  const looking = stack.use(new DisposableStack()); // until after the session: it hears the end, too
  const session = stack.use(
    await openSession({
      agent: KodaAgent.create({ projectRoot: config.projectRoot, tools: builtInTools() }),
      store,
      provider: options.provider,
      runner: toRunner(sandbox, { cwd: config.projectRoot }),
      pathGuard: createPathGuard(policy),
      toolbox,
      mode,
      proxy: sandbox.proxy,
      socks5Proxy: sandbox.socks5Proxy,
      approvals: options.approvals,
      budget: config.budget,
      security: await loadingSecurity,
      ...(options.resume === null ? {} : { resume: options.resume }),
      ...(config.thinking === null ? {} : { thinking: config.thinking }),
      ...(config.maxTurns === null ? {} : { maxSteps: config.maxTurns }),
    }),
  );
  const observation = options.observer?.observe(session);
  looking.defer(() => observation?.close());
  for (const listener of [options.onEvent, observation?.listener]) {
    if (listener === undefined) continue;
    listener(session.toStartEvent());
    session.subscribe(listener);
  }
  connections.attach((record) => session.recordConnection(record));
  const closeSandbox = async (): Promise<void> => {
    await session.takeLeave(); // hooks run in the sandbox, and their connections are on record
    await sandbox[Symbol.asyncDispose]();
    connections.finish();
  };
  const owned = stack.move();
  return {
    session,
    sandbox,
    warnings: [...sandbox.warnings, ...toolboxWarnings, ...budgetWarnings(config, options.provider)],
    connectionsRefused: () => connections.refused,
    closeSandbox,
    async [Symbol.asyncDispose]() {
      await closeSandbox();
      await owned.disposeAsync();
    },
  };
}

function hostRules(config: Config, store: Store): { allow: string[]; allowPrivate: string[]; deny: string[] } {
  const saved = store.listHostRules(config.projectRoot);
  const patterns = (verdict: string): string[] =>
    saved.filter((rule) => rule.verdict === verdict).map((rule) => rule.pattern);
  return {
    allow: [...config.allow, ...patterns("allow")],
    allowPrivate: [...config.allowPrivate, ...patterns("allow-private")],
    deny: patterns("deny"),
  };
}

/** Told before anything is spent, not after. */
function budgetWarnings(config: Config, { model, price }: LlmProvider): readonly SessionWarning[] {
  if (config.budget.maxCostMicros === undefined || price !== undefined) return [];
  return [{ code: "budget_blind", message: `the price of ${model} is not known, so --max-cost cannot stop a turn` }];
}

/** Auto where the kernel confines, Safe elsewhere; a mode that was named is never silently another. */
function chooseMode({ config, store, resume }: CreateSessionOptions, sandbox: Sandbox): TrustMode {
  const named = config.mode ?? (resume === null ? null : (store.readSession(resume)?.mode ?? null));
  const mode = named ?? (sandbox.enforcement === "kernel" ? "auto" : "safe");
  if (mode === "auto" && sandbox.enforcement !== "kernel") {
    throw new CoreError(
      "enforcement_missing",
      `Auto mode needs a kernel that confines commands. ${sandbox.enforcementReason}\nOr ask before every side effect: --mode safe`,
    );
  }
  return mode;
}
