import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfinedProcess } from "./confined-process.ts";
import { SandboxError } from "./errors.ts";
import type { Filter } from "./filter/filter.ts";
import type { Launch, Launcher } from "./launch.ts";
import type { PlantedJournal } from "./linux/planted-journal.ts";
import { removeGhosts } from "./linux/remove-ghosts.ts";
import { undoPlanted } from "./linux/undo-planted.ts";
import { exchangedWalls, type Mountable, type Walls } from "./linux/walls.ts";
import type { OpenedProxies } from "./open-proxies.ts";
import { OutputRing } from "./output-ring.ts";
import type { Policy } from "./policy/policy.ts";
import type { PortHandle, PortOptions } from "./ports/port-handle.ts";
import type { RunningCommands } from "./ports/running-commands.ts";
import type { SessionPorts } from "./ports/session-ports.ts";
import type { ClientRegistry } from "./proxy/client-registry.ts";
import { proxyEnv } from "./proxy/proxy-env.ts";
import type { ConnectionEvent, ConnectionListener, FilteringProxyHandle } from "./proxy/proxy-handle.ts";
import { MAX_TIMER_MS, type RunOutcome, runConfined } from "./run-confined.ts";
import type {
  BackgroundCommand,
  BackgroundRequest,
  ConfinedRequest,
  ConfinedResult,
  ConfinedSpawn,
  Sandbox,
  SandboxWarning,
} from "./sandbox.ts";
import { cacheEnvironment, withGitSettings } from "./sandbox-env.ts";
import { fromExchanged, fromUndone, fromWallTime, toViolations, type Violation } from "./violations.ts";

/** What a session is made of. */
export interface SessionParts {
  readonly policy: Policy;
  readonly caBundlePath: string | undefined;
  readonly confinement:
    | { readonly kind: "kernel"; readonly reason: string; readonly temporaryDirectory: string }
    | { readonly kind: "unavailable"; readonly reason: string };
  readonly launcher: Launcher;
  readonly clients: ClientRegistry;
  readonly proxies: OpenedProxies;
  readonly ports: SessionPorts;
  readonly commands: RunningCommands;
  /** Null where Koda has no data of its own to keep it in. */
  readonly journal: PlantedJournal | null;
  readonly warnings: readonly SandboxWarning[];
  readonly resources: AsyncDisposableStack;
}

/** This Node, and `koda-sandbox connect` beside this file: as source or built. Confined commands can read both. */
const CONNECT_PROGRAM: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL(`./program/connect-main${extname(import.meta.url)}`, import.meta.url)),
];
const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024;
const MAX_ATTEMPTS = 5;
const DEFAULT_GRACE_MS = 1_000;
const MAX_REFUSALS_KEPT = 256; // per run; later ones repeat what these say

/** The sandbox of one session: see `Sandbox`. */
export class SessionSandbox implements Sandbox {
  readonly enforcement: Sandbox["enforcement"];
  readonly enforcementReason: string;
  readonly warnings: readonly SandboxWarning[];
  readonly #parts: SessionParts;
  readonly #running = new Set<ConfinedProcess>();
  readonly #uses = new Map<string, number>();
  #closing: Promise<void> | null = null;

  constructor(parts: SessionParts) {
    const { confinement, proxies, warnings } = parts;
    this.#parts = parts;
    const hasProxy = proxies.http !== null || proxies.socks5 !== null;
    this.enforcement = confinement.kind === "kernel" ? "kernel" : hasProxy ? "env-only" : "none";
    this.enforcementReason = confinement.reason;
    this.warnings = warnings;
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
    const begin = (fleeting: readonly string[] = []): Started =>
      this.#spawn({ ...request, stdio: ["ignore", "pipe", "pipe"] }, fleeting);
    let running: Started;
    try {
      running = begin();
    } catch (error) {
      unsubscribe();
      throw error;
    }
    const ring = new OutputRing(request.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES);
    const conclude = async (): Promise<ConfinedResult> => {
      try {
        const timeoutMs = tighter(request.timeoutMs, this.#parts.policy.limits.wallMs);
        const follow = (): Promise<RunOutcome> => runConfined(running.started, { ...request, timeoutMs, ring });
        let outcome: RunOutcome | null = null;
        for (let attempt = 1; outcome === null; attempt += 1) {
          outcome = await follow().catch((error: unknown) => {
            const changes = isSpawnFailure(error) && attempt < MAX_ATTEMPTS ? running.launch.changesSince() : null;
            if (!changes?.hasAny) throw error;
            ring.clear(); // it holds what bubblewrap said: nothing of the command has run
            running = begin(changes.gone);
            return null;
          });
        }
        const undone = await running.started.undone;
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
    return { output: ring, ended, stop: (graceMs = DEFAULT_GRACE_MS) => running.started.terminate(graceMs) };
  }

  spawn(request: ConfinedSpawn): ConfinedProcess {
    const reached: Violation[] = [];
    const { started } = this.#spawn(request, [], () => reached);
    const { wallMs } = this.#parts.policy.limits;
    if (wallMs !== null) {
      const end = (): void => {
        reached.push(fromWallTime(wallMs));
        void started.terminate(DEFAULT_GRACE_MS);
      };
      const timer = setTimeout(end, Math.min(wallMs, MAX_TIMER_MS));
      void started.undone.then(() => clearTimeout(timer));
    }
    return started;
  }

  /** `reached` is asked at the end: limits of ours that ended it. */
  #spawn(
    request: ConfinedSpawn,
    fleeting: readonly string[] = [],
    reached: () => readonly Violation[] = () => [],
  ): Started {
    const launch = this.#prepare(request, fleeting);
    const { quarantineDirs } = this.#parts.policy;
    const { survey } = launch;
    const tidy = (): readonly Violation[] => {
      if (survey !== null) removeGhosts(survey.maskedSockets);
      const undone = survey === null ? [] : undoPlanted(survey, quarantineDirs).map(fromUndone);
      const exchanged = survey === null ? [] : sayExchanged(survey);
      if (survey !== null) this.#parts.journal?.end(survey);
      return [...undone, ...exchanged, ...reached()];
    };
    if (survey !== null) this.#parts.journal?.begin(survey);
    try {
      const started = new ConfinedProcess(launch, request.stdio ?? ["pipe", "pipe", "pipe"], tidy);
      this.#own(started, request.clientId);
      return { started, launch };
    } catch (error) {
      if (survey !== null) this.#parts.journal?.end(survey);
      throw error;
    }
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

  #prepare(request: ConfinedSpawn, fleeting: readonly string[]): Launch {
    if (this.#closing !== null) throw new SandboxError("spawn_failed", "the sandbox is closed");
    const { confinement, launcher, policy } = this.#parts;
    const caches = confinement.kind === "kernel" ? cacheEnvironment(confinement.temporaryDirectory) : {};
    return launcher.prepare({
      argv: request.argv,
      cwd: request.cwd ?? policy.projectRoot,
      isReadOnly: request.isReadOnly || policy.isReadOnly,
      fleeting,
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

interface Started {
  readonly started: ConfinedProcess;
  readonly launch: Launch;
}

function sayExchanged({ readOnly, masked }: Walls): Violation[] {
  const paths = (entries: readonly Mountable[]): string[] => exchangedWalls(entries).map(({ path }) => path);
  return fromExchanged({ written: paths(readOnly), read: paths(masked) });
}

function isSpawnFailure(error: unknown): boolean {
  return error instanceof SandboxError && error.code === "spawn_failed";
}

function tighter(a: number | undefined, b: number | null): number | null {
  return a === undefined || b === null ? (a ?? b) : Math.min(a, b);
}
