import { type Examination, examine } from "./examine.ts";
import { examineUpstream, type UpstreamFinding } from "./examine-upstream.ts";

const USAGE = "usage: koda-sandbox doctor [--json]\n";

/**
 * `koda-sandbox doctor`: tries every rule on this machine, and says through which proxies connections would leave it.
 * 0 when all hold, 1 when one does not, nothing is confined, or a setting of proxies cannot be followed.
 */
export async function runDoctor(args: readonly string[]): Promise<number> {
  if (args.some((argument) => argument !== "--json")) {
    process.stderr.write(USAGE);
    return 2;
  }
  const examination = await examine({ environment: process.env });
  const upstream = examineUpstream(process.env);
  const isConfined = examination.enforcement === "kernel" && examination.findings.every((finding) => finding.isHeld);
  const isHealthy = isConfined && upstream.problem === null;
  const report =
    args.length > 0
      ? JSON.stringify({ isHealthy, ...examination, upstream })
      : `${toTable(examination)}\n${toLine(upstream)}`;
  process.stdout.write(`${report}\n`);
  return isHealthy ? 0 : 1;
}

function toLine({ tunnel, forward, problem }: UpstreamFinding): string {
  if (problem !== null) return `upstream: FAIL ${problem}`;
  if (tunnel === null && forward === null) return "upstream: none, hosts are dialled directly";
  return `upstream: ${tunnel ?? "none"} for tunnels, ${forward ?? "none"} for plain HTTP`;
}

function toTable({ enforcement, enforcementReason, findings, advice }: Examination): string {
  const rows = findings.map(({ rule, expected, observed, isHeld }) => [
    isHeld ? "ok" : "FAIL",
    rule,
    expected,
    observed,
  ]);
  const all = [["", "rule", "expected", "observed"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const failed = findings.filter((finding) => !finding.isHeld).length;
  return [
    `enforcement: ${enforcement} (${enforcementReason})`,
    ...(findings.length === 0 ? [] : [...lines, `${findings.length - failed} rules hold, ${failed} do not`]),
    ...advice.flatMap(({ missing, type }) => [`not permitted: ${missing}`, `  type: ${type}`]),
  ].join("\n");
}
