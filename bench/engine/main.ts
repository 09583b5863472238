import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describeMachine, runProgram } from "../run-program.ts";
import { toTable } from "../table.ts";
import { toJson } from "../to-json.ts";
import { type BenchOptions, HELP, parseArguments } from "./arguments.ts";
import { runBench } from "./run-bench.ts";

process.exitCode = await runProgram(
  {
    name: "bench:engine",
    help: HELP,
    needsLinuxBecause: "a worker that is left behind is found in Linux's /proc",
    parseArguments,
    directoryPrefix: ({ parent }) => {
      mkdirSync(parent, { recursive: true });
      return join(parent, "koda-bench-");
    },
    run: async (options) => {
      const results = await runBench(options);
      const about = describe(options);
      return { table: `${about}\n\n${toTable(results)}\n`, json: toJson(about, results) };
    },
  },
  process.argv.slice(2),
);

function describe({ rounds }: BenchOptions): string {
  return [
    describeMachine(),
    `The median of ${rounds} interleaved ${rounds === 1 ? "round" : "rounds"}; model and tool take no time.`,
    "In brackets: how many times better Koda in memory is; above 1 it is ahead.",
  ].join(" ");
}
