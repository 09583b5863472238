import {
  type AttachItem,
  attachSession,
  createInProcessEffects,
  isLeaseOwnerAlive,
  toTranscriptLines,
} from "@koda/core";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { CliError } from "../errors.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { stopOnInterrupt } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { escapeLine, escapeText } from "../render/escape-text.ts";
import { createPaint, type Paint } from "../render/paint.ts";
import { toProgressLine } from "../render/text.ts";
import { toJsonLine } from "../render/to-json-line.ts";

/** `koda attach`: what a session does in another process, as it does it, until Ctrl-C. */
export async function attach(
  options: { readonly session: string | null; readonly isJson: boolean },
  io: Io,
): Promise<ExitCode> {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const record =
    options.session === null ? store.latestSession(config.projectRoot) : store.findSession(options.session);
  if (record === null) throw new CliError("usage", `there is no session yet in ${config.projectRoot}`);
  const effects = createInProcessEffects();
  const paint = createPaint(io.stdout, io.environment);
  using stop = stopOnInterrupt(io);
  const { signal } = stop;
  const isAlive = isLeaseOwnerAlive(() => effects.now());
  try {
    for await (const item of attachSession({ store, sessionId: record.id, signal, effects, isAlive })) {
      io.stdout.write(options.isJson ? toJsonLine(item) : toText(item, paint));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return exitCode.done;
}

function toText(item: AttachItem, paint: Paint): string {
  switch (item.kind) {
    case "state": {
      const calls = new Map(item.calls.map((call) => [call.callId, call]));
      const lines = toTranscriptLines(item.entries, calls).map((line) =>
        line.role === "tool"
          ? paint.dim(`  ${escapeLine(line.name)}: ${line.outcome}`)
          : `${line.role === "user" ? paint.bold("> ") : ""}${escapeText(line.text)}`,
      );
      return [...lines, ...(item.draft === null ? [] : [escapeText(item.draft.text)]), ""].join("\n");
    }
    case "event": {
      const { event } = item;
      if (event.type === "text-delta") return escapeText(event.text);
      if (event.type === "turn-start") return `\n${paint.bold("> ")}${escapeText(event.prompt)}\n`;
      const line = toProgressLine(event, paint);
      return line === null ? "" : `\n${line}\n`;
    }
    case "gap":
      return paint.yellow(`\nkoda: ${item.missed} events were missed\n`);
    case "owner-gone":
      return paint.yellow("\nkoda: nobody has this session open any more\n");
    default:
      return item satisfies never;
  }
}
