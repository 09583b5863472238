import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KodaAgent } from "../../src/agent/koda-agent.ts";
import type { EngineEvent } from "../../src/events/engine-event.ts";
import type { Runner } from "../../src/ports/runner.ts";
import type { KodaSession } from "../../src/session/koda-session.ts";
import { type OpenSessionOptions, openSession } from "../../src/session/open-session.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { builtInTools } from "../../src/tools/built-in-tools.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { createQuickEffects } from "./quick-effects.ts";
import { type Script, ScriptedProvider } from "./scripted-provider.ts";

/** A temporary project with a database, and sessions in it. Disposing removes everything. */
export class Workbench implements AsyncDisposable {
  readonly projectRoot: string;
  readonly databasePath: string;
  readonly store: Store;
  readonly #directory: string;
  readonly #sessions: KodaSession[] = [];

  constructor() {
    this.#directory = realpathSync(mkdtempSync(join(tmpdir(), "koda-core-")));
    this.projectRoot = realpathSync(mkdtempSync(join(this.#directory, "project-")));
    this.databasePath = join(this.#directory, "data", "koda.db");
    this.store = openSqliteStore(this.databasePath);
  }

  async open(
    script: Script | ScriptedProvider,
    options: Partial<OpenSessionOptions> & { readonly tools?: readonly Tool[]; readonly systemPrompt?: string } = {},
  ): Promise<{ session: KodaSession; provider: ScriptedProvider; effects: ReturnType<typeof createQuickEffects> }> {
    const { tools = builtInTools(), systemPrompt, ...rest } = options;
    const provider = script instanceof ScriptedProvider ? script : new ScriptedProvider(script);
    const effects = createQuickEffects();
    const session = await openSession({
      agent: KodaAgent.create({ projectRoot: this.projectRoot, tools, systemPrompt }),
      store: this.store,
      provider,
      runner: idleRunner,
      pathGuard: { check: () => ({ kind: "allow" }) },
      mode: "auto",
      proxy: null,
      socks5Proxy: null,
      approvals: "ask",
      effects,
      ...rest,
    });
    this.#sessions.push(session);
    return { session, provider, effects };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session[Symbol.asyncDispose]();
    this.store.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** All events of one turn. `onEvent` hears each as it comes. */
export async function collect(
  session: KodaSession,
  prompt: string,
  options: { readonly signal?: AbortSignal; readonly onEvent?: (event: EngineEvent) => void } = {},
): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  for await (const event of session.runTurn(prompt, { signal: options.signal })) {
    events.push(event);
    options.onEvent?.(event);
  }
  return events;
}

/** All events of a turn that is run in some other way. */
export async function gather(
  turn: AsyncIterable<EngineEvent>,
  onEvent?: (event: EngineEvent) => void,
): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  for await (const event of turn) {
    events.push(event);
    onEvent?.(event);
  }
  return events;
}

/** The events of one kind. */
export function only<Type extends EngineEvent["type"]>(
  events: readonly EngineEvent[],
  type: Type,
): readonly Extract<EngineEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<EngineEvent, { type: Type }> => event.type === type);
}

/** A runner for tests in which no command runs. */
export const idleRunner: Runner = {
  enforcement: "kernel",
  run: () => Promise.reject(new Error("no command was to run here")),
};
