import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release } from "node:os";
import { UsageError } from "./usage.ts";

/** What a bench is run with. */
export interface BenchSetting {
  /** Gone afterwards. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Tells the user how far it is. */
  readonly say: (line: string) => void;
}

export interface BenchReport {
  readonly table: string;
  readonly json: string;
}

export interface BenchProgram<Options extends { readonly jsonFile: string | null }> {
  readonly name: string;
  readonly help: string;
  /** Why only Linux will do. */
  readonly needsLinuxBecause: string;
  /** Null when help was asked for. @throws {UsageError} */
  readonly parseArguments: (args: readonly string[]) => Options | null;
  /** The beginning of a path that is free. */
  readonly directoryPrefix: (options: Options) => string;
  readonly run: (options: Options & BenchSetting) => Promise<BenchReport>;
}

/** A bench as a program. Gives its exit status: 2 for a wrong use, 1 on another system, 130 when it was stopped. */
export async function runProgram<Options extends { readonly jsonFile: string | null }>(
  program: BenchProgram<Options>,
  args: readonly string[],
): Promise<number> {
  const { name } = program;
  let options: Options | null;
  try {
    options = program.parseArguments(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${name}: ${error.message}\nTry --help.\n`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(program.help);
    return 0;
  }
  if (process.platform !== "linux") {
    process.stderr.write(`${name}: this is ${process.platform}; ${program.needsLinuxBecause}\n`);
    return 1;
  }
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
  }
  const directory = mkdtempSync(program.directoryPrefix(options));
  try {
    const { table, json } = await program.run({ ...options, directory, signal: abort.signal, say });
    process.stdout.write(table);
    if (options.jsonFile !== null) writeFileSync(options.jsonFile, json);
    return 0;
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    say("stopped");
    return 130;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The machine, the Node version and the date, as a sentence. */
export function describeMachine(): string {
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  return `${availableParallelism()} × ${processor}, Linux ${release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
