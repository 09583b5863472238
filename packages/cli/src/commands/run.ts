import type { EngineEvent, KodaSession } from "@koda/core";
import { upstreamFromEnvironment } from "@koda/sandbox";
import { createSession } from "../compose/create-session.ts";
import { openStore } from "../compose/open-store.ts";
import { openProvider } from "../compose/provider.ts";
import { resolveResume } from "../compose/resume.ts";
import { loadConfig } from "../config/load-config.ts";
import { CliError } from "../errors.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { stopOnInterrupt } from "../interrupt.ts";
import type { SessionFlags } from "../invocation.ts";
import type { Io } from "../io.ts";
import { escapeText } from "../render/escape-text.ts";
import { toRunReport } from "../render/json.ts";
import { createPaint } from "../render/paint.ts";
import { toProgressLine } from "../render/text.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/**
 * `koda -p` and `koda resume`: one turn without a terminal, and those that were asked for meanwhile. The answer goes to
 * stdout, everything else to stderr. Null for `prompt`: what an earlier process left.
 */
export async function runHeadless(flags: SessionFlags, prompt: string | null, io: Io): Promise<ExitCode> {
  const config = loadConfig({ flags, environment: io.environment, cwd: io.cwd });
  const upstream = upstreamFromEnvironment(config.environment); // a wrong one ends the run before anybody is asked
  using store = openStore(config);
  const provider = await openProvider(config.provider, { record: config.record });
  const resume = resolveResume(flags, config, store);
  const paint = createPaint(io.stderr, io.environment);
  const events: EngineEvent[] = [];
  const isText = flags.outputFormat === "text";
  const onEvent = (event: EngineEvent): void => {
    events.push(event);
    if (flags.outputFormat === "stream-json") io.stdout.write(toJsonLine(event));
    const line = toProgressLine(event, paint);
    if (isText && line !== null) io.stderr.write(`${line}\n`);
  };
  const notify = (message: string): boolean => io.stderr.write(`${paint.yellow(`koda: ${escapeText(message)}`)}\n`);
  await using opened = await createSession({
    config,
    store,
    provider,
    approvals: "reject",
    resume,
    upstream,
    onEvent,
    notify,
  });
  for (const { message } of opened.warnings) notify(message);

  using stop = stopOnInterrupt(io);
  for await (const event of runTurns(opened.session, prompt, stop.signal)) void event;
  await opened.closeSandbox(); // the last connections end here, and are reported

  const report = toRunReport(events, opened.warnings);
  if (!isText) io.stdout.write(toJsonLine(report));
  else if (report.response !== "") io.stdout.write(toAnswer(report.response, io));
  if (report.error !== null) io.stderr.write(`${paint.red(`koda: ${escapeText(report.error.message)}`)}\n`);
  if (report.exitCode === exitCode.cancelled)
    io.stderr.write(`koda: go on with: koda --resume ${opened.session.id.slice(0, 13)}\n`);
  return report.exitCode;
}

async function* runTurns(
  session: KodaSession,
  prompt: string | null,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void> {
  if (prompt !== null) yield* session.runTurn(prompt, { signal });
  else if (session.unfinishedTurn !== null) yield* session.continueTurn({ signal });
  else if (session.waitingInputs().length === 0) {
    const message = `session ${session.id} has nothing left to do; ask it something: koda --resume ${session.id.slice(0, 13)} -p "…"`;
    throw new CliError("usage", message);
  }
  for (let next = session.waitingInputs()[0]; next !== undefined; next = session.waitingInputs()[0]) {
    if (signal.aborted || session.unfinishedTurn !== null) return;
    yield* session.runTurn(next.text, { signal, inputId: next.id });
  }
}

/** As the model wrote it for a pipe or file; on a terminal nothing in it may act. */
function toAnswer(response: string, io: Io): string {
  const text = response.trimEnd();
  return `${io.stdout.isTTY ? escapeText(text) : text}\n`;
}
