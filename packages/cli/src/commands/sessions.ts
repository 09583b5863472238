import {
  createInProcessEffects,
  deleteSession,
  findUnfinishedTurn,
  forkSession,
  loadView,
  pauseStoredSession,
  resumeStoredSession,
  type SessionRecord,
  type Store,
  toTranscriptLines,
  viewChars,
} from "@koda/core";
import { openStore } from "../compose/open-store.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { SessionsAction } from "../invocation.ts";
import type { Io } from "../io.ts";
import { escapeLine, escapeText } from "../render/escape-text.ts";
import { createPaint, type Paint } from "../render/paint.ts";
import { toJsonLine } from "../render/to-json-line.ts";
import { rewindSession } from "./rewind-session.ts";
import { showStatus } from "./session-status.ts";

/** `koda sessions`: those of this project, the latest first; or what becomes of one of them. */
export function manageSessions(
  { action, isJson }: { readonly action: SessionsAction; readonly isJson: boolean },
  io: Io,
): ExitCode {
  const config = loadConfig({ flags: {}, environment: io.environment, cwd: io.cwd });
  using store = openStore(config);
  const paint = createPaint(io.stdout, io.environment);
  switch (action.kind) {
    case "list":
      return list(store.listSessions(config.projectRoot), { isJson, projectRoot: config.projectRoot, io });
    case "show":
      return show(store, { record: store.findSession(action.session), isJson, paint, io });
    case "fork": {
      const effects = createInProcessEffects();
      const sourceId = store.findSession(action.session).id;
      const at = action.at === null ? {} : { atEntryId: action.at };
      const fork = forkSession(store, { sourceId, ...at, id: () => effects.id(), nowMs: effects.now() });
      io.stdout.write(isJson ? toJsonLine(fork) : `${fork.id}\n`);
      return exitCode.done;
    }
    case "status":
      showStatus(store, { record: store.findSession(action.session), isJson, paint, io });
      return exitCode.done;
    case "pause":
    case "resume": {
      const effects = createInProcessEffects();
      const { id: sessionId } = store.findSession(action.session);
      const change = action.kind === "pause" ? pauseStoredSession : resumeStoredSession;
      const changed = change(store, { sessionId, id: () => effects.id(), nowMs: effects.now() });
      if (isJson) io.stdout.write(toJsonLine(changed));
      else io.stderr.write(`koda: session ${sessionId} is ${changed.state}\n`);
      return exitCode.done;
    }
    case "rewind": {
      const rewound = rewindSession(store, store.findSession(action.session), action.to);
      const { session, undonePrompt } = rewound;
      if (isJson) io.stdout.write(toJsonLine(rewound));
      else if (undonePrompt === null) io.stderr.write(`koda: session ${session.id} is where it was\n`);
      else
        io.stderr.write(
          `koda: session ${session.id} goes on from before “${escapeLine(undonePrompt)}”; files are as they are\n`,
        );
      return exitCode.done;
    }
    case "remove": {
      const { id } = store.findSession(action.session);
      const effects = createInProcessEffects();
      deleteSession(store, { id, token: effects.id(), nowMs: effects.now() });
      io.stderr.write(`koda: session ${id} is deleted\n`);
      return exitCode.done;
    }
    default:
      return action satisfies never;
  }
}

function list(
  sessions: readonly SessionRecord[],
  { isJson, projectRoot, io }: { readonly isJson: boolean; readonly projectRoot: string; readonly io: Io },
): ExitCode {
  if (isJson) {
    io.stdout.write(toJsonLine(sessions));
    return exitCode.done;
  }
  if (sessions.length === 0) io.stderr.write(`No session yet in ${projectRoot}\n`);
  for (const session of sessions) {
    const when = new Date(session.updatedAtMs).toISOString().slice(0, 16).replace("T", " ");
    const state = session.state === "active" ? "" : `[${session.state}] `;
    io.stdout.write(`${session.id}  ${when}  ${session.mode.padEnd(4)}  ${state}${escapeLine(session.title ?? "")}\n`);
  }
  return exitCode.done;
}

/** The conversation as the model is shown it, and what waits: a turn without its end, inputs, questions. */
function show(
  store: Store,
  {
    record,
    isJson,
    paint,
    io,
  }: { readonly record: SessionRecord; readonly isJson: boolean; readonly paint: Paint; readonly io: Io },
): ExitCode {
  const { entries, calls, isWhole } = loadView(store, record.leafId, { maxChars: viewChars(0) });
  const unfinished = findUnfinishedTurn(entries, (id) => store.readEntry(id))?.prompt ?? null;
  const inputs = store.waitingInputs(record.id);
  const questions = store.listWaits(record.id, { state: "open", nowMs: Date.now() });
  const lines = toTranscriptLines(entries, calls);
  if (isJson) {
    const usage = store.readUsage(record.id);
    const places = entries.map(({ id, parentId, turnId, createdAtMs, content }) => ({
      id,
      parentId,
      turnId,
      createdAtMs,
      kind: content.kind,
    }));
    io.stdout.write(
      toJsonLine({ session: record, isWhole, lines, entries: places, unfinished, inputs, questions, usage }),
    );
    return exitCode.done;
  }
  const out = (text: string): boolean => io.stdout.write(`${text}\n`);
  if (!isWhole) out(paint.dim("(the beginning is not shown: koda export has all of it)"));
  for (const line of lines) {
    if (line.role === "tool")
      out(paint.dim(`  ${escapeLine(line.name)} ${escapeLine(line.argumentsJson)}: ${line.outcome}`));
    else out(`${line.role === "user" ? paint.bold("> ") : ""}${escapeText(line.text)}`);
  }
  if (unfinished !== null)
    out(paint.yellow(`unfinished: ${escapeLine(unfinished)}  (koda resume ${record.id.slice(0, 13)})`));
  for (const { text } of inputs) out(paint.yellow(`waiting: ${escapeLine(text)}`));
  for (const { kind, key } of questions) out(paint.yellow(`open ${kind}: ${key.slice(key.lastIndexOf("/") + 1)}`));
  return exitCode.done;
}
