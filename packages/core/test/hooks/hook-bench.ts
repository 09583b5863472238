import type { EngineEvent } from "../../src/events/engine-event.ts";
import type { Hook, HookAnswer } from "../../src/hooks/hook.ts";
import { HookEngine } from "../../src/hooks/hook-engine.ts";
import type { PayloadOf } from "../../src/hooks/hook-payload.ts";
import type { HookVerdict } from "../../src/hooks/run-guards.ts";
import { SessionHooks } from "../../src/hooks/session-hooks.ts";

type BeforeTool = PayloadOf<"before-tool">;

/** A session with hooks, in which time passes when the test says so. */
export function openHookBench(engines: readonly HookEngine[] = [new HookEngine()]) {
  const reports: Extract<EngineEvent, { type: "hook" }>[] = [];
  const sleeps: { readonly durationMs: number; readonly end: () => void; readonly isOver: () => boolean }[] = [];
  const hooks = new SessionHooks({
    engines,
    onReport: (report) => reports.push(report),
    sleep: (durationMs, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        sleeps.push({ durationMs, end: resolve, isOver: () => signal.aborted });
      }),
  });
  const [engine = new HookEngine()] = engines;
  const asked: string[] = [];
  /** A guard of `before-tool` that says `answer` of what it is shown. */
  const guard = (
    name: string,
    answer: (input: unknown) => HookAnswer,
    changes: Partial<Hook<"before-tool">> = {},
  ): (() => void) =>
    engine.register<"before-tool">({
      name,
      event: "before-tool",
      role: "guard",
      run: async ({ input }) => {
        asked.push(`${name} ${JSON.stringify(input)}`);
        return answer(input);
      },
      ...changes,
    });
  const judged: unknown[] = [];
  const beforeTool = (
    changes: Partial<BeforeTool> = {},
    options: { readonly signal?: AbortSignal; readonly judge?: (input: unknown) => Promise<HookVerdict> } = {},
  ) =>
    hooks.beforeTool(
      { ...call, ...changes },
      {
        signal: options.signal ?? new AbortController().signal,
        judge: async (input) => {
          judged.push(input);
          return options.judge?.(input) ?? { ...call, kind: "run", input };
        },
      },
    );
  return { engine, hooks, reports, sleeps, asked, judged, guard, beforeTool };
}

/** A call, as hooks are told of it. */
export const call: Omit<BeforeTool, "event"> = {
  sessionId: "s1",
  turnId: "t1",
  callId: "c1",
  projectRoot: "/project",
  name: "Bash",
  input: "x",
  subject: "x",
  paths: [],
  command: "x",
};

/** Lets everything that can go on do so. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
