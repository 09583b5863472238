import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createFilter, type FilterRules } from "../../src/filter/filter.ts";
import { openSandbox } from "../../src/open-sandbox.ts";
import { createPolicy, type Policy, type PolicyInput } from "../../src/policy/policy.ts";
import type { ConfinedRequest, ConfinedResult, Sandbox } from "../../src/sandbox.ts";
import { homeOutsideTmp } from "../own-directories.ts";

export interface AttackSite extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly policy: Policy;
  /** Holds all the others. Not below `/tmp`, which commands do not see: a home there would be safe for another reason. */
  readonly place: string;
  readonly home: string;
  readonly project: string;
  sh(script: string, request?: Partial<ConfinedRequest>): Promise<ConfinedResult>;
}

export interface AttackSiteOptions {
  readonly rules?: FilterRules;
  /** Files that are there before the sandbox opens, relative to the place: `home/.ssh/id`, `project/.mcp.json`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly policy?: (place: string) => Partial<PolicyInput>;
  /** Called before the sandbox opens, when the files are there. */
  readonly prepare?: (site: { readonly place: string; readonly home: string; readonly project: string }) => void;
  /** Absent: this process's PATH. */
  readonly searchPath?: (project: string) => string;
}

/** A directory of its own in the user's home; `using` removes it, whatever permissions a command left there. */
export function placeInHome(): Disposable & { readonly path: string } {
  const path = realpathSync(mkdtempSync(join(homeOutsideTmp, ".koda-attack-")));
  return {
    path,
    [Symbol.dispose]: () => {
      execFileSync("chmod", ["-R", "u+rwX", path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A sandbox around a fresh repository beside a fresh home, both in the user's home and gone afterwards. */
export async function openAttackSite(options: AttackSiteOptions = {}): Promise<AttackSite> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(placeInHome()).path;
  const home = join(place, "home");
  const project = join(place, "project");
  for (const directory of [home, project]) mkdirSync(directory);
  chmodSync(place, 0o755);
  execFileSync("git", ["init", "--quiet", project]);
  for (const [name, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), text);
  }
  options.prepare?.({ place, home, project });
  const policy = createPolicy({
    projectRoot: project,
    home,
    privateDirs: [join(home, ".local/share/koda")],
    ...options.policy?.(place),
  });
  const sandbox = stack.use(
    await openSandbox({
      policy,
      filter: createFilter(options.rules ?? {}),
      searchPath: options.searchPath?.(project) ?? process.env["PATH"] ?? "",
      environment: { PATH: process.env["PATH"], HOME: home, ...options.environment },
    }),
  );
  if (sandbox.enforcement !== "kernel") {
    throw new Error(`these tests need a kernel that confines: ${sandbox.enforcementReason}`);
  }
  const owned = stack.move();
  return {
    sandbox,
    policy,
    place,
    home,
    project,
    sh: (script, request = {}) =>
      sandbox.run({
        argv: ["bash", "--noprofile", "--norc", "-c", script],
        clientId: "attack",
        isReadOnly: false,
        timeoutMs: 20_000,
        ...request,
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
