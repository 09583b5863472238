import { upstreamFromEnvironment } from "@koda/sandbox";
import { createSession } from "../compose/create-session.ts";
import { openObserver } from "../compose/open-observer.ts";
import { openStore } from "../compose/open-store.ts";
import { openProvider } from "../compose/provider.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode, toExitCode } from "../exit-code.ts";
import { stopOnInterrupt } from "../interrupt.ts";
import type { CompactRequest } from "../invocation.ts";
import type { Io } from "../io.ts";
import { escapeLine, escapeText } from "../render/escape-text.ts";
import { toJsonLine } from "../render/to-json-line.ts";
import { whyUnchanged } from "../render/why-unchanged.ts";

/** `koda sessions compact`: has a model summarise the older part of a session. The model is the session's own, if none is named. */
export async function compactSession({ session, model, baseUrl, isJson }: CompactRequest, io: Io): Promise<ExitCode> {
  const config = loadConfig({ flags: { model, baseUrl }, environment: io.environment, cwd: io.cwd });
  const upstream = upstreamFromEnvironment(config.environment);
  using store = openStore(config);
  const record = store.findSession(session);
  const notify = (message: string): boolean => io.stderr.write(`koda: ${escapeText(message)}\n`);
  const provider = await openProvider(
    { ...config.provider, model: config.provider.model ?? record.model },
    { record: null },
  );
  await using observer = await openObserver(config, notify);
  const resume = record.id;
  await using opened = await createSession({
    config,
    store,
    provider,
    approvals: "reject",
    resume,
    upstream,
    observer,
    notify,
  });
  for (const { message } of opened.warnings) notify(message);
  using stop = stopOnInterrupt(io);
  try {
    const result = await opened.session.compact({ signal: stop.signal });
    switch (result.kind) {
      case "shrunk": {
        const { kind, beforeTokens, afterTokens } = result;
        if (isJson) io.stdout.write(toJsonLine({ kind, beforeTokens, afterTokens }));
        else io.stdout.write(`${beforeTokens} → ${afterTokens} tokens\n`);
        return exitCode.done;
      }
      case "unchanged":
        if (isJson) io.stdout.write(toJsonLine(result));
        else io.stderr.write(`koda: nothing is summarised: ${whyUnchanged[result.why]}\n`);
        return exitCode.done;
      case "failed": {
        const { code, message } = result.failure;
        if (isJson) io.stdout.write(toJsonLine(result));
        io.stderr.write(`koda: the conversation could not be summarised, and is as it was: ${escapeLine(message)}\n`);
        return toExitCode(code);
      }
      default:
        return result satisfies never;
    }
  } catch (error) {
    if (stop.signal.aborted) return exitCode.cancelled;
    throw error;
  }
}
