import { sumTotals, type UsageGroup, type UsageTotals } from "@koda/core";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CostQuestion } from "../invocation.ts";
import type { Io } from "../io.ts";
import { toDollars } from "../render/dollars.ts";
import { escapeLine } from "../render/escape-text.ts";
import { createPaint } from "../render/paint.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda cost`: what models were asked, by model or day. A price that is not known is said to be so, never guessed. */
export function showCost({ by, sinceMs, session, isJson }: CostQuestion, io: Io): ExitCode {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const groups = store.sumUsage(by, {
    sessionId: session === null ? null : store.findSession(session).id,
    ...(sinceMs === null ? {} : { fromMs: sinceMs }),
  });
  const totals = sumTotals(groups);
  if (isJson) {
    io.stdout.write(toJsonLine({ by, groups, totals }));
    return exitCode.done;
  }
  if (groups.length === 0) {
    io.stderr.write("No model was asked anything\n");
    return exitCode.done;
  }
  const paint = createPaint(io.stdout, io.environment);
  const width = Math.max(5, ...groups.map(({ key }) => escapeLine(key).length));
  const line = (name: string, sums: UsageTotals): string => `${escapeLine(name).padEnd(width)}  ${toSums(sums)}`;
  for (const group of groups) io.stdout.write(`${line(group.key, group)}\n`);
  if (groups.length > 1) io.stdout.write(`${paint.bold(line("total", totals))}\n`);
  return exitCode.done;
}

function toSums(sums: UsageTotals): string {
  const { requests, inputTokens, outputTokens, cacheReadTokens } = sums;
  return [
    toAmount(sums).padStart(9),
    `${requests} requests`.padStart(14),
    `${inputTokens} in (${cacheReadTokens} from cache)`.padStart(32),
    `${outputTokens} out`.padStart(13),
  ].join("  ");
}

/** With a `+` where some requests have no known price: it is at least that much. */
function toAmount({ costMicros, unpricedRequests }: Pick<UsageGroup, "costMicros" | "unpricedRequests">): string {
  return costMicros !== null && unpricedRequests > 0 ? `${toDollars(costMicros)}+` : toDollars(costMicros);
}
