import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfinedProcess } from "./confined-process.ts";
import { SandboxError } from "./errors.ts";
import { createFilter, type Filter } from "./filter/filter.ts";
import type { Launch, Launcher } from "./launch.ts";
import { type Confinement, openConfinement } from "./linux/open-confinement.ts";
import { undoPlanted } from "./linux/undo-planted.ts";
import type { OpenedProxies } from "./open-proxies.ts";
import { OutputRing } from "./output-ring.ts";
import { createPlainLauncher } from "./plain-launcher.ts";
import type { Policy } from "./policy/policy.ts";
import { ConnectionOwners } from "./ports/connection-owners.ts";
import { openAskedPorts } from "./ports/open-asked-ports.ts";
import type { PortHandle, PortOptions } from "./ports/port-handle.ts";
import type { PortMapping } from "./ports/port-mapping.ts";
import { RunningCommands } from "./ports/running-commands.ts";
import type { SessionPorts } from "./ports/session-ports.ts";
import { ClientRegistry } from "./proxy/client-registry.ts";
import type { ResolveHost } from "./proxy/dial.ts";
import { type AskAboutHost, HostQuestions } from "./proxy/host-questions.ts";
import { proxyEnv } from "./proxy/proxy-env.ts";
import type { ConnectionEvent, ConnectionListener, FilteringProxyHandle } from "./proxy/proxy-handle.ts";
import type { Upstream } from "./proxy/upstream/upstream.ts";
import { MAX_TIMER_MS, runConfined } from "./run-confined.ts";
import type {
  BackgroundCommand,
  BackgroundRequest,
  ConfinedRequest,
  ConfinedResult,
  ConfinedSpawn,
  Sandbox,
  SandboxWarning,
} from "./sandbox.ts";
import { cacheEnvironment, scrubEnvironment, withGitSettings } from "./sandbox-env.ts";
import { fromUndone, toViolations, type Violation } from "./violations.ts";

export interface SandboxOptions {
  readonly policy: Policy;
  /** Hosts that commands may reach, instead of those of the policy. Absent: those of the policy. */
  readonly filter?: Filter | undefined;
  /** Absent: the system's resolver. */
  readonly resolveHost?: ResolveHost | undefined;
  /** A company's proxies that connections are sent through, from `parseUpstream`. Absent or null: all are direct. */
  readonly upstream?: Upstream | null | undefined;
  /**
   * Asked about hosts that no rule covers, once for a host and port however many connections of both proxies wait for
   * it, which they do for at most 60 s. Hosts that a deny rule names are never asked about, and an answer opens no
   * address that is not public. Absent: such hosts are refused.
   */
  readonly ask?: AskAboutHost | undefined;
  /** Absent or 0: any free port. One that is taken leaves that proxy null, with a warning. */
  readonly httpPort?: number | undefined;
  readonly socksPort?: number | undefined;
  /** Ports of this machine that commands may reach, see `Sandbox.openHostPort`. One that cannot be opened is a warning. */
  readonly hostPorts?: readonly PortMapping[] | undefined;
  /** Ports inside that this machine may reach, see `Sandbox.publishPort`. One that cannot be opened is a warning. */
  readonly publishedPorts?: readonly PortMapping[] | undefined;
  /**
   * A PEM file named to clients that do not read the system's certificates. Confined commands must be able to read it,
   * and it must hold every authority they need. Absent: each client's own.
   */
  readonly caBundlePath?: string | undefined;
  /** A PATH in which bwrap, nsenter and bash are looked for. Entries that commands could write to are not trusted. */
  readonly searchPath: string;
  /** The user's environment; commands see the allowlisted part of it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a session's sandbox: namespace, both proxies inside it, and the way to run commands. Takes about 60 ms; opening several at once is fine.
 * Never fails for lack of confinement: `enforcement` says what the kernel agreed to, `warnings` what is missing.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  options.signal?.throwIfAborted();
  const environment = scrubEnvironment(options.environment);
  const ports = { httpPort: options.httpPort ?? 0, socks5Port: options.socksPort ?? 0 };
  await using stack = new AsyncDisposableStack();
  // While the namespace opens, what runs the network is loaded: both take as long.
  const [confinement, proxyModule, portModule] = await Promise.all([
    openConfinement({ ...options, ...ports, environment }),
    import("./open-proxies.ts"),
    import("./ports/session-ports.ts"),
  ]);
  if (confinement.kind === "kernel") stack.use(confinement.resources);
  const clients = new ClientRegistry();
  const listeners = confinement.kind === "kernel" ? confinement.namespace : null;
  const questions = options.ask && stack.use(new HostQuestions({ ask: options.ask }));
  const commands = new RunningCommands();
  const owners = new ConnectionOwners(() => commands.trees());
  const findClient = listeners === null ? undefined : owners.ownerOf.bind(owners);
  const filter = options.filter ?? createFilter(options.policy.hosts);
  const proxies = await proxyModule.openProxies({
    ...options,
    ...ports,
    filter,
    clients,
    listeners,
    questions,
    findClient,
  });
  stack.use(proxies.http);
  stack.use(proxies.socks5);
  const ownPorts = [proxies.http, proxies.socks5].flatMap((proxy) => proxy?.port ?? []);
  const openPorts = stack.use(new portModule.SessionPorts({ namespace: listeners, owners, ownPorts }));
  const portWarnings = await openAskedPorts(openPorts, options);
  options.signal?.throwIfAborted();
  const launcher = confinement.kind === "kernel" ? confinement.launcher : createPlainLauncher(environment);
  const { policy, caBundlePath } = options;
  const warnings = [...proxies.warnings, ...portWarnings];
  const network = { clients, proxies, ports: openPorts, commands, warnings };
  return new OpenSandbox({ policy, caBundlePath, confinement, launcher, ...network, resources: stack.move() });
}

interface Parts {
  readonly policy: Policy;
  readonly caBundlePath: string | undefined;
  readonly confinement: Confinement;
  readonly launcher: Launcher;
  readonly clients: ClientRegistry;
  readonly proxies: OpenedProxies;
  readonly ports: SessionPorts;
  readonly commands: RunningCommands;
  readonly warnings: readonly SandboxWarning[];
  readonly resources: AsyncDisposableStack;
}

/** This Node, and `koda-sandbox connect` beside this file: as source or built. Confined commands can read both. */
const CONNECT_PROGRAM: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL(`./program/connect-main${extname(import.meta.url)}`, import.meta.url)),
];
const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024;
const DEFAULT_GRACE_MS = 1_000;
const MAX_REFUSALS_KEPT = 256; // per run; later ones repeat what these say

class OpenSandbox implements Sandbox {
  readonly enforcement: Sandbox["enforcement"];
  readonly enforcementReason: string;
  readonly warnings: readonly SandboxWarning[];
  readonly #parts: Parts;
  readonly #running = new Set<ConfinedProcess>();
  readonly #uses = new Map<string, number>();
  #closing: Promise<void> | null = null;

  constructor(parts: Parts) {
    const { confinement, proxies, warnings } = parts;
    this.#parts = parts;
    const hasProxy = proxies.http !== null || proxies.socks5 !== null;
    this.enforcement = confinement.kind === "kernel" ? "kernel" : hasProxy ? "env-only" : "none";
    this.enforcementReason = confinement.reason;
    this.warnings = [
      ...(confinement.kind === "kernel"
        ? confinement.weakLimits.map((message) => ({
            code: "limit_unavailable" as const,
            message: `limits: ${message}`,
          }))
        : [{ code: "sandbox_unavailable" as const, message: confinement.reason }]),
      ...warnings,
    ];
  }

  get proxy(): FilteringProxyHandle | null {
    return this.#parts.proxies.http;
  }

  get socks5Proxy(): FilteringProxyHandle | null {
    return this.#parts.proxies.socks5;
  }

  get ports(): readonly PortHandle[] {
    return this.#parts.ports.handles;
  }

  openHostPort(hostPort: number, options: PortOptions = {}): Promise<PortHandle> {
    return this.#parts.ports.openHostPort(hostPort, options);
  }

  publishPort(hostPort: number, options: PortOptions = {}): Promise<PortHandle> {
    return this.#parts.ports.publishPort(hostPort, options);
  }

  subscribe(listener: ConnectionListener): () => void {
    const ends = [...this.#handles(), this.#parts.ports].map((source) => source.subscribe(listener));
    return () => {
      for (const end of ends) end();
    };
  }

  setRules(filter: Filter): void {
    for (const handle of this.#handles()) handle.setRules(filter);
  }

  async run(request: ConfinedRequest): Promise<ConfinedResult> {
    request.signal?.throwIfAborted();
    return await this.start(request).ended;
  }

  start(request: BackgroundRequest): BackgroundCommand {
    const startedMs = performance.now();
    const refused: ConnectionEvent[] = [];
    const unsubscribe = this.subscribe((event) => {
      const isOurs = event.kind === "refused" && event.clientId === request.clientId;
      if (isOurs && refused.length < MAX_REFUSALS_KEPT) refused.push(event);
    });
    let started: ConfinedProcess;
    try {
      started = this.#spawn({ ...request, stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
      unsubscribe();
      throw error;
    }
    const ring = new OutputRing(request.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES);
    const conclude = async (): Promise<ConfinedResult> => {
      try {
        const timeoutMs = tighter(request.timeoutMs, this.#parts.policy.limits.wallMs);
        const outcome = await runConfined(started, { ...request, timeoutMs, ring });
        const undone = await started.undone;
        return {
          ...outcome,
          durationMs: performance.now() - startedMs,
          violations: toViolations({ refused, undone, exitCode: outcome.exitCode, output: outcome.output }),
        };
      } finally {
        unsubscribe();
      }
    };
    const ended = conclude();
    ended.catch(() => null); // told to whoever awaits it
    return { output: ring, ended, stop: (graceMs = DEFAULT_GRACE_MS) => started.terminate(graceMs) };
  }

  spawn(request: ConfinedSpawn): ConfinedProcess {
    const started = this.#spawn(request);
    const { wallMs } = this.#parts.policy.limits;
    if (wallMs !== null) {
      const timer = setTimeout(() => void started.terminate(DEFAULT_GRACE_MS), Math.min(wallMs, MAX_TIMER_MS));
      void started.undone.then(() => clearTimeout(timer));
    }
    return started;
  }

  #spawn(request: ConfinedSpawn): ConfinedProcess {
    const launch = this.#prepare(request);
    const { quarantineDirs } = this.#parts.policy;
    const tidy = (): readonly Violation[] =>
      launch.survey === null ? [] : undoPlanted(launch.survey, quarantineDirs).map(fromUndone);
    const started = new ConfinedProcess(launch, request.stdio ?? ["pipe", "pipe", "pipe"], tidy);
    this.#own(started, request.clientId);
    return started;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const ends = [...this.#running].map(async (started) => {
      await started.kill();
      await started.undone;
    });
    await Promise.all(ends);
    await this.#parts.resources.disposeAsync();
  }

  #handles(): FilteringProxyHandle[] {
    const { http, socks5 } = this.#parts.proxies;
    return [http, socks5].filter((handle) => handle !== null);
  }

  #prepare(request: ConfinedSpawn): Launch {
    if (this.#closing !== null) throw new SandboxError("spawn_failed", "the sandbox is closed");
    const { confinement, launcher, policy } = this.#parts;
    const caches = confinement.kind === "kernel" ? cacheEnvironment(confinement.temporaryDirectory) : {};
    return launcher.prepare({
      argv: request.argv,
      cwd: request.cwd ?? policy.projectRoot,
      isReadOnly: request.isReadOnly || policy.isReadOnly,
      env: withGitSettings({ ...caches, ...this.#proxyEnvironment(request.clientId), ...request.env }),
    });
  }

  #own(started: ConfinedProcess, clientId: string): void {
    this.#uses.set(clientId, (this.#uses.get(clientId) ?? 0) + 1);
    this.#running.add(started);
    const forget = this.#parts.commands.add(started.child.pid, clientId);
    void started.undone.then(() => {
      forget();
      this.#running.delete(started);
      const uses = (this.#uses.get(clientId) ?? 1) - 1;
      if (uses > 0) this.#uses.set(clientId, uses);
      else {
        this.#uses.delete(clientId);
        this.#parts.clients.revoke(clientId);
      }
    });
  }

  #proxyEnvironment(clientId: string): Record<string, string> {
    const { caBundlePath, clients, confinement, proxies } = this.#parts;
    if (proxies.http === null && proxies.socks5 === null) return {};
    return proxyEnv({
      http: proxies.http,
      socks5: proxies.socks5,
      credentials: clients.issue(clientId),
      caBundlePath,
      ssh: { connectProgram: CONNECT_PROGRAM, readsConfiguration: confinement.kind !== "kernel" },
    });
  }
}

function tighter(a: number | undefined, b: number | null): number | null {
  return a === undefined || b === null ? (a ?? b) : Math.min(a, b);
}
