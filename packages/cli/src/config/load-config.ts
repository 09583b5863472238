import { existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseTrustMode, type ThinkingEffort, type TrustMode } from "@koda/core";
import { ownDataDirectory } from "@koda/sandbox/own-data-directory";
import { CliError } from "../errors.ts";
import type { PortPair, SessionFlags } from "../invocation.ts";

/** Everything that flags and environment decide, read once and frozen. */
export interface Config {
  readonly home: string;
  /** Koda's own data: database, nothing else. Never visible to what the model starts. */
  readonly dataDir: string;
  /** Absolute, links resolved. */
  readonly projectRoot: string;
  readonly mode: TrustMode | null;
  readonly thinking: ThinkingEffort | null;
  readonly provider: ProviderConfig;
  readonly allow: readonly string[];
  readonly allowPrivate: readonly string[];
  readonly hostPorts: readonly PortPair[];
  readonly publishedPorts: readonly PortPair[];
  readonly maxTurns: number | null;
  /** What one turn may cost (millionths of a dollar) and take; absent: as much as it does. */
  readonly budget: { readonly maxCostMicros?: number; readonly maxTurnMs?: number };
  readonly record: string | null;
  /** What happens in sessions is written there as lines of JSON. */
  readonly traceFile: string | null;
  readonly httpPort: number | null;
  readonly socksPort: number | null;
  readonly searchPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Null fields were named nowhere. */
export interface ProviderConfig {
  readonly apiKey: string | null;
  readonly baseUrl: string | null;
  readonly model: string | null;
}

/**
 * Precedence: flag, environment. Nothing is read from the project: a clone must not choose where a key is sent.
 *
 * @throws {CliError} `usage` when a value cannot be used.
 */
export function loadConfig(input: {
  readonly flags: Partial<SessionFlags>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}): Config {
  const { flags, environment } = input;
  const home = existingDirectory(environment["HOME"] || homedir());
  return Object.freeze({
    home,
    dataDir: ownDataDirectory(environment, home),
    projectRoot: projectRoot(flags.projectRoot, input.cwd, home),
    mode: flags.mode ?? modeFrom(environment["KODA_MODE"]),
    thinking: flags.thinking ?? null,
    provider: {
      apiKey: environment["OPENAI_API_KEY"] || null,
      baseUrl: flags.baseUrl ?? (environment["OPENAI_BASE_URL"] || null),
      model: flags.model ?? (environment["KODA_MODEL"] || null),
    },
    allow: flags.allow ?? [],
    allowPrivate: flags.allowPrivate ?? [],
    hostPorts: flags.hostPort ?? [],
    publishedPorts: flags.publish ?? [],
    maxTurns: flags.maxTurns ?? null,
    budget: {
      ...(flags.maxCost === undefined ? {} : { maxCostMicros: flags.maxCost * 1_000_000 }),
      ...(flags.timeout === undefined ? {} : { maxTurnMs: Math.ceil(flags.timeout * 1_000) }),
    },
    record: flags.record === undefined ? null : resolve(input.cwd, flags.record),
    traceFile: resolveOrNull(input.cwd, flags.trace ?? environment["KODA_TRACE"]),
    httpPort: flags.proxyPort ?? null,
    socksPort: flags.socksPort ?? null,
    searchPath: environment["PATH"] ?? "",
    environment,
  });
}

const resolveOrNull = (cwd: string, path: string | undefined): string | null =>
  path === undefined || path === "" ? null : resolve(cwd, path);

function modeFrom(text: string | undefined): TrustMode | null {
  if (text === undefined || text === "") return null;
  const mode = parseTrustMode(text);
  if (mode === null) throw new CliError("usage", `KODA_MODE is ${JSON.stringify(text)}; it takes plan, safe or auto`);
  return mode;
}

/** The repository around `cwd`, unless that would make the whole home folder the project. */
function projectRoot(named: string | undefined, cwd: string, home: string): string {
  if (named !== undefined) return existingDirectory(resolve(cwd, named));
  const start = existingDirectory(cwd);
  for (let dir = start; dir !== dirname(dir); dir = dirname(dir)) {
    if (dir === home || (dir !== start && isEverybodys(dir))) break;
    if (isRepository(join(dir, ".git"))) return dir;
  }
  return start;
}

/** A git directory, or the file that leads to one. An empty directory is neither: other programs' sandboxes leave such behind. */
function isRepository(dotGit: string): boolean {
  const found = statSync(dotGit, { throwIfNoEntry: false });
  return found !== undefined && (found.isFile() || existsSync(join(dotGit, "HEAD")));
}

/** As `/tmp` is: whoever made a `.git` there shall not choose the project of others. */
function isEverybodys(dir: string): boolean {
  return (statSync(dir).mode & 0o1002) === 0o1002;
}

function existingDirectory(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) throw new CliError("usage", `not a folder: ${JSON.stringify(path)}`);
  return realpathSync(path);
}
