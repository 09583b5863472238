import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfinedProcess } from "../confined-process.ts";
import { SandboxError } from "../errors.ts";
import type { Launcher } from "../launch.ts";
import { defaultLimits, type ResourceLimits } from "../policy/limits.ts";
import type { Policy } from "../policy/policy.ts";
import { createSeatbeltLauncher } from "./seatbelt-launcher.ts";

export type Seatbelt = Disposable &
  (
    | {
        readonly kind: "kernel";
        readonly reason: string;
        readonly launcher: Launcher;
        /** The session's own, removed when this is disposed of. */
        readonly temporaryDirectory: string;
        /** Limits that differ from the default ones: nothing here enforces any but the wall time. */
        readonly weakLimits: readonly string[];
      }
    /** `reason` says what failed. */
    | { readonly kind: "unavailable"; readonly reason: string }
  );

export interface SeatbeltOptions {
  readonly policy: Policy;
  readonly proxyPorts: readonly number[];
  /** Scrubbed. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absent: `/usr/bin/sandbox-exec`, which nobody but the system can write. */
  readonly program?: string | undefined;
}

/**
 * Makes the session's temporary directory and tries the profile out: a command must run, and one that writes elsewhere must fail, so that `kernel` is a
 * fact and not a hope. Inside another sandbox neither can be, and nothing is run without one instead.
 */
export async function openSeatbelt(options: SeatbeltOptions): Promise<Seatbelt> {
  const { program = "/usr/bin/sandbox-exec", ...rest } = options;
  using stack = new DisposableStack();
  const directory = (name: string): string => {
    const path = realpathSync(mkdtempSync(join(tmpdir(), name)));
    stack.defer(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };
  const temporaryDirectory = directory("koda-session-");
  const outside = join(directory("koda-outside-"), "written");
  const launcher = createSeatbeltLauncher({ ...rest, program, temporaryDirectory });
  const complaint = await tryOut(launcher, { temporaryDirectory, outside });
  if (complaint !== null) {
    return {
      kind: "unavailable",
      reason: `macOS did not confine a command: ${complaint}`,
      [Symbol.dispose]: () => undefined,
    };
  }
  const owned = stack.move();
  return {
    kind: "kernel",
    reason: `every command is confined by ${program}`,
    launcher,
    temporaryDirectory,
    weakLimits: findWeakLimits(options.policy.limits),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

function findWeakLimits(limits: ResourceLimits): string[] {
  return (Object.keys(limits) as (keyof ResourceLimits)[]) // the keys of a value made by createLimits
    .filter((name) => name !== "wallMs" && limits[name] !== null && limits[name] !== defaultLimits[name])
    .map((name) => `${name} is not enforced on macOS`);
}

async function tryOut(
  launcher: Launcher,
  places: { readonly temporaryDirectory: string; readonly outside: string },
): Promise<string | null> {
  const inside = join(places.temporaryDirectory, "written");
  const script = `echo x > "$1"; echo x > "$2"; exit 0`;
  const argv = ["/bin/sh", "-c", script, "sh", inside, places.outside];
  try {
    const launch = launcher.prepare({ argv, cwd: "/", isReadOnly: true, env: {} });
    const { exitCode } = await new ConfinedProcess(launch, ["ignore", "ignore", "ignore"]).exited;
    if (existsSync(places.outside)) return "it wrote where it may not";
    if (exitCode !== 0) return `a trivial one ended with ${exitCode} (inside another sandbox none can be made)`;
    if (!existsSync(inside)) return "it could not write its own temporary directory";
    rmSync(inside);
    return null;
  } catch (error) {
    if (error instanceof SandboxError && error.code === "bad_policy") throw error;
    return error instanceof Error ? error.message : String(error);
  }
}
