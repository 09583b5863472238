import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchOptions, HELP, parseArguments, UsageError } from "./arguments.ts";
import { runBench } from "./run-bench.ts";
import { toTable } from "./table.ts";
import { toJson } from "./to-json.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions | null;
  try {
    options = parseArguments(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`bench:proxy: ${error.message}\nTry --help.\n`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  if (process.platform !== "linux") {
    process.stderr.write(`bench:proxy: this is ${process.platform}; what proxies cost is read from Linux's /proc\n`);
    return 1;
  }
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
  }
  const directory = mkdtempSync(join(tmpdir(), "koda-bench-"));
  try {
    const results = await runBench({ ...options, directory, signal: abort.signal, say });
    const about = describe(options);
    process.stdout.write(`${about}\n\n${toTable(results)}\n`);
    if (options.jsonFile !== null) writeFileSync(options.jsonFile, toJson(about, results));
    return 0;
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    say("stopped");
    return 130;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function describe({ rounds, windowMs, host }: BenchOptions): string {
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  return [
    `${availableParallelism()} × ${processor}, Linux ${release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.`,
    `Median of ${rounds} interleaved ${rounds === 1 ? "round" : "rounds"} of ${windowMs / 1_000} s on loopback, the origin named ${host}.`,
    "In brackets: how many times better Koda's proxies are; above 1 they are ahead.",
  ].join(" ");
}
