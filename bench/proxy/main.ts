import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine, runProgram } from "../run-program.ts";
import { toTable } from "../table.ts";
import { toJson } from "../to-json.ts";
import { type BenchOptions, HELP, parseArguments } from "./arguments.ts";
import { runBench } from "./run-bench.ts";

process.exitCode = await runProgram(
  {
    name: "bench:proxy",
    help: HELP,
    needsLinuxBecause: "what proxies cost is read from Linux's /proc",
    parseArguments,
    directoryPrefix: () => join(tmpdir(), "koda-bench-"),
    run: async (options) => {
      const results = await runBench(options);
      const about = describe(options);
      return { table: `${about}\n\n${toTable(results)}\n`, json: toJson(about, results) };
    },
  },
  process.argv.slice(2),
);

function describe({ rounds, windowMs, host }: BenchOptions): string {
  return [
    describeMachine(),
    `Median of ${rounds} interleaved ${rounds === 1 ? "round" : "rounds"} of ${windowMs / 1_000} s on loopback, the origin named ${host}.`,
    "In brackets: how many times better Koda's proxies are; above 1 they are ahead.",
  ].join(" ");
}
