import type { EngineEvent } from "@koda/core";
import { upstreamFromEnvironment } from "@koda/sandbox";
import { createSession } from "../compose/create-session.ts";
import { openObserver } from "../compose/open-observer.ts";
import { openStore } from "../compose/open-store.ts";
import { openProvider } from "../compose/provider.ts";
import { resolveResume } from "../compose/resume.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { stopOnInterrupt } from "../interrupt.ts";
import type { SessionFlags } from "../invocation.ts";
import type { Io } from "../io.ts";
import { escapeText } from "../render/escape-text.ts";
import { toRunReport } from "../render/json.ts";
import { createPaint } from "../render/paint.ts";
import { toProgressLine } from "../render/text.ts";
import { toJsonLine } from "../render/to-json-line.ts";
import { runTurns } from "./run-turns.ts";

/**
 * `koda -p` and `koda resume`: one turn without a terminal, and those that were asked for meanwhile. The answer goes to
 * stdout, everything else to stderr. Null for `prompt`: what an earlier process left, in a paused session too.
 */
export async function runHeadless(flags: SessionFlags, prompt: string | null, io: Io): Promise<ExitCode> {
  const config = loadConfig({ flags, environment: io.environment, cwd: io.cwd });
  const upstream = upstreamFromEnvironment(config.environment); // a wrong one ends the run before anybody is asked
  using store = openStore(config);
  const resume = resolveResume(flags, config, store);
  const provider = await openProvider(config.provider, { record: config.record });
  const paint = createPaint(io.stderr, io.environment);
  const events: EngineEvent[] = [];
  const isText = flags.outputFormat === "text";
  const onEvent = (event: EngineEvent): void => {
    events.push(event);
    if (flags.outputFormat === "stream-json") io.stdout.write(toJsonLine(event));
    const line = isTold(event) ? null : toProgressLine(event, paint);
    if (isText && line !== null) io.stderr.write(`${line}\n`);
  };
  const notify = (message: string): boolean => io.stderr.write(`${paint.yellow(`koda: ${escapeText(message)}`)}\n`);
  await using observer = await openObserver(config, notify);
  await using opened = await createSession({
    config,
    store,
    provider,
    approvals: "reject",
    resume,
    upstream,
    onEvent,
    observer,
    notify,
  });
  for (const { message } of opened.warnings) notify(message);
  if (prompt === null) opened.session.resume();
  else if (opened.session.unfinishedTurn !== null) notify(leftBehind);

  using stop = stopOnInterrupt(io);
  for await (const event of runTurns(opened.session, prompt, stop.signal)) void event;
  await opened.closeSandbox(); // the last connections end here, and are reported

  const report = toRunReport(events, opened.warnings);
  if (!isText) io.stdout.write(toJsonLine(report));
  else if (report.response !== "") io.stdout.write(toAnswer(report.response, io));
  const isWarned = isText && report.error?.code === "persistence_failed"; // when it happened
  if (report.error !== null && !isWarned)
    io.stderr.write(`${paint.red(`koda: ${escapeText(report.error.message)}`)}\n`);
  if (report.exitCode === exitCode.cancelled) io.stderr.write(`koda: go on with: koda --resume ${opened.session.id}\n`);
  return report.exitCode;
}

const leftBehind = "the turn before was interrupted, and stays so; koda resume would have gone on with it";

/** Said before the turn began already. */
const isTold = (event: EngineEvent): boolean => event.type === "warning" && event.code === "budget_blind";

/** As the model wrote it for a pipe or file; on a terminal nothing in it may act. */
function toAnswer(response: string, io: Io): string {
  const text = response.trimEnd();
  return `${io.stdout.isTTY ? escapeText(text) : text}\n`;
}
