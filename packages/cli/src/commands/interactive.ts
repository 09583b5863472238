import { type LlmProvider, listPrompts, type Store } from "@koda/core";
import { upstreamFromEnvironment } from "@koda/sandbox";
import { createSession, type OpenedSession } from "../compose/create-session.ts";
import { openObserver } from "../compose/open-observer.ts";
import { openStore } from "../compose/open-store.ts";
import { openProvider } from "../compose/provider.ts";
import { resolveResume } from "../compose/resume.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { SessionFlags } from "../invocation.ts";
import type { Io } from "../io.ts";
import { escapeText } from "../render/escape-text.ts";
import { whyUnchanged } from "../render/why-unchanged.ts";
import type { TuiHost, TuiSession } from "../tui/tui-host.ts";

/** `koda` on a terminal. */
export async function runInteractive(flags: SessionFlags, io: Io): Promise<ExitCode> {
  const config = loadConfig({ flags, environment: io.environment, cwd: io.cwd });
  const upstream = upstreamFromEnvironment(config.environment); // a wrong one ends it before anybody is asked
  using store = openStore(config);
  let provider: LlmProvider = await openProvider(config.provider, { record: config.record });
  // Only before and after: while the terminal is open, the screen is its own.
  const notify = (message: string): boolean => io.stderr.write(`koda: ${escapeText(message)}\n`);
  await using observer = await openObserver(config, notify);
  const open = (resume: string | null, tell?: (message: string) => void): Promise<OpenedSession> =>
    createSession({ config, store, provider, approvals: "ask", resume, upstream, observer, notify: tell });

  let current = await open(resolveResume(flags, config, store), notify);
  try {
    const { runTui } = await import("../tui/run-tui.ts");
    const host: TuiHost = {
      isContinuing: flags.unfinished,
      notices: current.warnings.map(({ message }) => message),
      get session() {
        return toTuiSession(current, store);
      },
      connectionsRefused: () => current.connectionsRefused(),
      listSessions: () => store.listSessions(config.projectRoot),
      async openSession(prefix) {
        const { id } = store.findSession(prefix);
        if (id === current.session.id) return toTuiSession(current, store);
        const next = await open(id);
        await current[Symbol.asyncDispose]();
        current = next;
        return toTuiSession(current, store);
      },
      async switchModel(model) {
        provider = await openProvider({ ...config.provider, model }, { record: config.record });
        current.session.updateProvider(provider);
      },
      async models() {
        const { listOpenAiModels } = await import("@koda/providers");
        const { apiKey, baseUrl } = config.provider;
        return listOpenAiModels({ apiKey: apiKey ?? "none", ...(baseUrl === null ? {} : { baseUrl }) });
      },
    };
    await runTui(host, { stdin: io.stdin, stdout: io.stdout });
    io.stderr.write(`Go on with: koda --resume ${current.session.id}\n`);
    return exitCode.done;
  } finally {
    await current[Symbol.asyncDispose]();
  }
}

function toTuiSession({ session }: OpenedSession, store: Store): TuiSession {
  return {
    id: session.id,
    get mode() {
      return session.mode;
    },
    get model() {
      return session.provider.model;
    },
    enforcement: session.enforcement,
    projectRoot: session.agent.projectRoot,
    runTurn: (prompt, options) => session.runTurn(prompt, options),
    continueTurn: (options) => session.continueTurn(options),
    get unfinished() {
      return session.unfinishedTurn?.prompt ?? null;
    },
    waitingInputs: () => session.waitingInputs(),
    send: (command) => session.send(command),
    subscribe: (listener) => session.subscribe(listener),
    rewind() {
      const record = store.readSession(session.id);
      const last = record === null ? undefined : listPrompts(store, record).at(-1);
      if (last === undefined) return null;
      session.rewind(last.beforeId);
      return last.text;
    },
    async compact(options) {
      const result = await session.compact(options);
      return result.kind === "unchanged" ? whyUnchanged[result.why] : null;
    },
    transcript: () => session.transcript(),
  };
}
