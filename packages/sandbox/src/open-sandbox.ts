import { mkdirSync } from "node:fs";
import type { Filter } from "./filter/filter.ts";
import { createFilter } from "./filter/filter.ts";
import { type Confinement, openConfinement } from "./linux/open-confinement.ts";
import { PlantedJournal } from "./linux/planted-journal.ts";
import { recoverPlanted } from "./linux/recover-planted.ts";
import type { Seatbelt, SeatbeltOptions } from "./macos/open-seatbelt.ts";
import { createPlainLauncher } from "./plain-launcher.ts";
import type { Policy } from "./policy/policy.ts";
import { ConnectionOwners } from "./ports/connection-owners.ts";
import { openAskedPorts } from "./ports/open-asked-ports.ts";
import type { PortMapping } from "./ports/port-mapping.ts";
import { RunningCommands } from "./ports/running-commands.ts";
import { ClientRegistry } from "./proxy/client-registry.ts";
import type { ResolveHost } from "./proxy/dial.ts";
import { type AskAboutHost, HostQuestions } from "./proxy/host-questions.ts";
import type { Upstream } from "./proxy/upstream/upstream.ts";
import type { Sandbox, SandboxWarning } from "./sandbox.ts";
import { scrubEnvironment } from "./sandbox-env.ts";
import { SessionSandbox } from "./session-sandbox.ts";
import { fromUndone } from "./violations.ts";

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
  /**
   * The path of the user's terminal, for commands that are given it as their stdin: they find it as `/dev/console`. Every command of the sandbox can read
   * and write it then. Absent: no command sees a terminal but those that it makes.
   */
  readonly terminal?: string | undefined;
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
  const recovered = await recover(options.policy.privateDirs);
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
  const owners = new ConnectionOwners(commands);
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
  const { policy, caBundlePath } = options;
  const seatbelt = process.platform === "darwin" ? await tryMacos({ policy, environment, proxyPorts: ownPorts }) : null;
  stack.use(seatbelt);
  const walls = seatbelt ?? confinement;
  const launcher = walls.kind === "kernel" ? walls.launcher : createPlainLauncher(environment);
  const journal = stack.use(createJournal(policy));
  const warnings = [...confinementWarnings(walls), ...proxies.warnings, ...portWarnings, ...recovered];
  const network = { clients, proxies, ports: openPorts, commands, warnings };
  return new SessionSandbox({
    policy,
    caBundlePath,
    confinement: walls,
    launcher,
    journal,
    ...network,
    resources: stack.move(),
  });
}

/** What a session that was killed could not undo any more: done now, before anything looks at the project. */
async function recover([ownDirectory]: readonly string[]): Promise<SandboxWarning[]> {
  if (ownDirectory === undefined) return [];
  try {
    mkdirSync(ownDirectory, { recursive: true, mode: 0o700 }); // what is absent cannot be masked, and a command could make it
  } catch {
    // Where we may not, no command may.
  }
  const changes = await recoverPlanted(ownDirectory);
  return changes.map((change) => ({
    code: "planted_by_killed_session",
    message: `a session that was killed left something: ${fromUndone(change).message}`,
  }));
}

function createJournal({ privateDirs: [ownDirectory] }: Policy): PlantedJournal | null {
  return ownDirectory === undefined ? null : new PlantedJournal(ownDirectory);
}

async function tryMacos(options: SeatbeltOptions): Promise<Seatbelt> {
  return (await import("./macos/open-seatbelt.ts")).openSeatbelt(options);
}

function confinementWarnings(confinement: Confinement | Seatbelt): SandboxWarning[] {
  if (confinement.kind !== "kernel") return [{ code: "sandbox_unavailable", message: confinement.reason }];
  return confinement.weakLimits.map((message) => ({ code: "limit_unavailable", message: `limits: ${message}` }));
}
