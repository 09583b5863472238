import { parseArgs } from "node:util";
import { formatReport } from "./crash-report.ts";
import { runCrashTest } from "./run-crash-test.ts";

/** `node packages/cli/test/crash/main.ts --kills 500 --seed 7`: prints the report; exit 1 when a rule was broken. */
const { values } = parseArgs({
  options: { kills: { type: "string", default: "500" }, seed: { type: "string" }, verbose: { type: "boolean" } },
});
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
console.error(`seed ${seed}`);
const report = await runCrashTest({
  kills: Number(values.kills),
  seed,
  onKill: (kill, { phase, lifeMs, faults }) => {
    if (values.verbose || faults.length > 0)
      console.error(`${kill}\t${Math.round(lifeMs)} ms\t${phase}\t${faults.join("; ")}`);
    else if (kill % 50 === 0) console.error(`${kill} kills`);
  },
});
console.log(formatReport(report));
process.exitCode = report.violations.length > 0 ? 1 : 0;
