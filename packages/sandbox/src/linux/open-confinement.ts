import { createRequire } from "node:module";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ConfinedProcess } from "../confined-process.ts";
import { SandboxError } from "../errors.ts";
import type { Launcher } from "../launch.ts";
import type { Policy } from "../policy/policy.ts";
import { countEmptyDescriptors, type ReplacedDirectories, sessionArgs } from "./bwrap-args.ts";
import { openSessionCgroup } from "./cgroup.ts";
import { readHostSockets } from "./host-sockets.ts";
import { inheritedDescriptors } from "./inherited-descriptors.ts";
import { createKernelLauncher } from "./kernel-launcher.ts";
import { explainNamespaceFailure, findReplacedDirectories, probeTools, type SandboxTools } from "./probe.ts";
import { removeGhosts } from "./remove-ghosts.ts";
import { findWeakLimits, readHardLimits } from "./resource-limits.ts";
import { seccompProgram } from "./seccomp/seccomp-program.ts";
import { FIRST_EMPTY_DESCRIPTOR, openSessionNamespace, type SessionNamespace } from "./session-namespace.ts";
import { type PathSurvey, surveyPaths } from "./survey-paths.ts";
import { compareWalls, type Walls } from "./walls.ts";

export type Confinement =
  | {
      readonly kind: "kernel";
      readonly reason: string;
      readonly namespace: SessionNamespace;
      readonly launcher: Launcher;
      readonly temporaryDirectory: string;
      /** Limits that differ from the default ones and that nothing here enforces as they are meant, each with what holds instead. */
      readonly weakLimits: readonly string[];
      /** The namespace and what else the session holds. */
      readonly resources: AsyncDisposable;
    }
  /** `reason` says what is missing and what to type. */
  | { readonly kind: "unavailable"; readonly reason: string };

export interface ConfinementOptions {
  readonly policy: Policy;
  readonly searchPath: string;
  /** Scrubbed. */
  readonly environment: Readonly<Record<string, string>>;
  readonly terminal?: string | undefined;
  readonly httpPort: number;
  readonly socks5Port: number;
  readonly signal?: AbortSignal | undefined;
}

const MAX_ATTEMPTS = 5;

/** Opens the session's namespace and runs one trivial command in it, so that `kernel` is a fact and not a hope. */
export async function openConfinement(options: ConfinementOptions): Promise<Confinement> {
  const probe = probeTools(options);
  if (probe.kind === "unavailable") return probe;
  const replaced = findReplacedDirectories();
  let fleeting: readonly string[] = [];
  const lookAtPaths = (): PathSurvey =>
    surveyPaths(options.policy, readHostSockets(options.policy, replaced, fleeting));
  for (let attempt = 1; ; attempt += 1) {
    const walls = lookAtPaths();
    const confinement = await confine(options, { tools: probe.tools, replaced, walls, fleeting });
    removeGhosts(walls.maskedSockets);
    if (confinement.kind === "kernel" || attempt === MAX_ATTEMPTS) return confinement;
    // What was to be mounted over may have gone meanwhile, as sockets of this machine do.
    const { hasAny, gone } = compareWalls(walls, lookAtPaths());
    if (!hasAny) return confinement;
    fleeting = gone;
  }
}

async function confine(
  options: ConfinementOptions,
  {
    tools,
    replaced,
    walls,
    fleeting,
  }: {
    readonly tools: SandboxTools;
    readonly replaced: ReplacedDirectories;
    readonly walls: Walls;
    readonly fleeting: readonly string[];
  },
): Promise<Confinement> {
  const inherited = inheritedDescriptors();
  // The directory above this one: commands run `connect-main` from it.
  const ownPaths = [process.execPath, ...connectProgramPaths()];
  let systemCallFilter: Buffer;
  let namespace: SessionNamespace;
  try {
    systemCallFilter = seccompProgram(process.arch);
    const firstEmptyDescriptor = FIRST_EMPTY_DESCRIPTOR;
    const args = sessionArgs({
      policy: options.policy,
      walls,
      replaced,
      ownPaths,
      terminal: options.terminal ?? null,
      firstEmptyDescriptor,
    });
    namespace = await openSessionNamespace({
      ...options,
      ...tools,
      args,
      emptyDescriptors: countEmptyDescriptors(walls),
      inheritedDescriptors: inherited,
    });
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error; // aborted
    return { kind: "unavailable", reason: explainNamespaceFailure(error.message) };
  }
  await using stack = new AsyncDisposableStack();
  stack.use(namespace);
  const cgroup = stack.use(openSessionCgroup(options.policy.limits));
  const launcher = createKernelLauncher({
    tools,
    policy: options.policy,
    limits: options.policy.limits,
    hardLimits: readHardLimits(),
    replaced,
    enterArgs: namespace.enterArgs,
    standing: walls,
    systemCallFilter,
    cgroup,
    inheritedDescriptors: inherited,
    user: currentUser(),
    environment: options.environment,
  });
  const [complaint] = await Promise.all([tryOut(launcher, tools.bash, fleeting), namespace.settled]);
  options.signal?.throwIfAborted();
  if (complaint !== null) return { kind: "unavailable", reason: explainNamespaceFailure(complaint) };
  return {
    kind: "kernel",
    reason: `every command is confined by ${tools.bwrap}`,
    namespace,
    launcher,
    temporaryDirectory: replaced.temporary[0] ?? "/tmp",
    weakLimits: findWeakLimits({ limits: options.policy.limits, enforced: cgroup?.enforced, uid: currentUser().uid }),
    resources: stack.move(),
  };
}

async function tryOut(launcher: Launcher, bash: string, fleeting: readonly string[]): Promise<string | null> {
  const launch = launcher.prepare({
    argv: [bash, "--noprofile", "--norc", "-c", ":"],
    cwd: "/",
    isReadOnly: true,
    env: {},
    fleeting,
  });
  const trial = new ConfinedProcess(launch, ["ignore", "ignore", "pipe"]);
  const complaint = trial.stderr === null ? "" : await text(trial.stderr);
  try {
    const { exitCode } = await trial.exited;
    return exitCode === 0 ? null : complaint || `a trivial command ended with ${exitCode}`;
  } catch (error) {
    return complaint || String(error);
  }
}

function currentUser(): { uid: number; gid: number } {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined)
    throw new SandboxError("unsupported_platform", "no user ids on this platform");
  return { uid, gid };
}

/** What `koda-sandbox connect` is made of: this package, and the one dependency that it loads. */
function connectProgramPaths(): readonly string[] {
  const here = fileURLToPath(import.meta.url);
  const ownPackage = dirname(dirname(dirname(here)));
  try {
    const dependency = createRequire(here).resolve("ipaddr.js"); // lib/ipaddr.js in its package
    return [ownPackage, dirname(dirname(dependency))];
  } catch {
    return [ownPackage]; // bundled, perhaps: then it is no file of its own, and nothing else depends on it
  }
}
