import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createFilter, type FilterRules } from "../src/filter/filter.ts";
import { openSandbox } from "../src/open-sandbox.ts";
import type { ResourceLimits } from "../src/policy/limits.ts";
import { createPolicy, type PolicyInput } from "../src/policy/policy.ts";
import type { AskAboutHost } from "../src/proxy/host-questions.ts";
import type { ConfinedRequest, ConfinedResult, Sandbox } from "../src/sandbox.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export interface TestSandbox extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly project: string;
  readonly home: string;
  sh(script: string, request?: Partial<ConfinedRequest>): Promise<ConfinedResult>;
}

export interface TestSandboxOptions {
  readonly rules?: FilterRules;
  readonly projectName?: string;
  readonly environment?: Record<string, string>;
  readonly searchPath?: string;
  readonly projectIsHome?: boolean;
  /** False: the project is a plain directory. */
  readonly isRepository?: boolean;
  /** Granted besides the project, relative to it. */
  readonly writePaths?: readonly string[];
  /** Further parts of the policy; relative paths are below the project. */
  readonly policy?: Omit<PolicyInput, "projectRoot" | "home">;
  /** Runs before the sandbox opens. */
  readonly prepare?: (places: { readonly project: string; readonly home: string }) => void;
  readonly ports?: { readonly httpPort: number; readonly socksPort: number };
  readonly resolveHost?: (name: string) => Promise<readonly string[]>;
  readonly ask?: AskAboutHost;
  readonly limits?: Partial<ResourceLimits>;
}

/** A sandbox around a fresh git repository and a fresh home, both gone afterwards. Fails where the kernel cannot confine. */
export async function openTestSandbox(options: TestSandboxOptions = {}): Promise<TestSandbox> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(temporaryDirectory());
  const home = join(place.path, "home");
  const project = options.projectIsHome === true ? home : join(place.path, options.projectName ?? "project");
  mkdirSync(home, { recursive: true });
  mkdirSync(project, { recursive: true });
  if (options.isRepository !== false) execFileSync("git", ["init", "--quiet", project]);
  options.prepare?.({ project, home });
  const sandbox = stack.use(
    await openSandbox({
      policy: createPolicy({
        projectRoot: project,
        home,
        privateDirs: [join(home, ".local/share/koda")],
        limits: options.limits,
        writePaths: (options.writePaths ?? []).map((path) => join(project, path)),
        ...options.policy,
      }),
      filter: createFilter(options.rules ?? {}),
      resolveHost: options.resolveHost ?? (async () => ["127.0.0.1"]),
      searchPath: options.searchPath ?? process.env["PATH"] ?? "",
      environment: { PATH: process.env["PATH"], HOME: home, ...options.environment },
      ask: options.ask,
      ...options.ports,
    }),
  );
  if (options.searchPath === undefined && sandbox.enforcement !== "kernel") {
    throw new Error(`these tests need a kernel that confines: ${sandbox.enforcementReason}`);
  }
  const owned = stack.move();
  return {
    sandbox,
    project,
    home,
    sh: (script, request = {}) =>
      sandbox.run({
        argv: ["bash", "--noprofile", "--norc", "-c", script],
        clientId: "call-1",
        isReadOnly: false,
        timeoutMs: 20_000,
        ...request,
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
