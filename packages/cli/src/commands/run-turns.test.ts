import type { EngineEvent, TurnOutcome } from "@koda/core";
import { expect, test } from "vitest";
import { CliError } from "../errors.ts";
import { runTurns } from "./run-turns.ts";

/** A session that keeps what it was asked to run, and ends turns as it is told. */
function createSession(left: {
  readonly unfinished?: boolean;
  readonly waiting?: readonly string[];
  readonly outcome?: (prompt: string) => TurnOutcome["kind"];
}) {
  const ran: string[] = [];
  const waiting = (left.waiting ?? []).map((text) => ({ id: `id of ${text}`, text, boundary: "next-turn" as const }));
  async function* play(prompt: string): AsyncGenerator<EngineEvent, void> {
    ran.push(prompt);
    const kind = left.outcome?.(prompt) ?? "complete";
    yield { type: "turn-end", turnId: "t", outcome: { kind, text: "" } as TurnOutcome, timing: noTime };
  }
  const session = {
    id: "s1",
    unfinishedTurn: left.unfinished ? { turnId: "t", prompt: "p", turnNumber: 1, protocol: 1 } : null,
    waitingInputs: () => [...waiting],
    continueTurn: () => play("(continued)"),
    runTurn: (prompt: string, options: { readonly inputId?: string | undefined } = {}) => {
      const at = waiting.findIndex(({ id }) => id === options.inputId);
      if (at !== -1) waiting.splice(at, 1);
      return play(options.inputId === undefined ? prompt : `${prompt} (${options.inputId})`);
    },
  };
  return { session, ran };
}

const noTime = { totalMs: 0, modelMs: 0, toolMs: 0, waitMs: 0, ownMs: 0 };

async function drain(events: AsyncIterable<EngineEvent>): Promise<void> {
  for await (const event of events) void event;
}

const signal = new AbortController().signal;

test("a prompt is run, and then what was said meanwhile, each under its id", async () => {
  const { session, ran } = createSession({ waiting: ["a", "b"] });
  await drain(runTurns(session, "go", signal));
  expect(ran).toEqual(["go", "a (id of a)", "b (id of b)"]);
});

test("without a prompt the unfinished turn goes on first", async () => {
  const { session, ran } = createSession({ unfinished: true, waiting: ["a"] });
  await drain(runTurns(session, null, signal));
  expect(ran).toEqual(["(continued)", "a (id of a)"]);
});

test("a prompt leaves the unfinished turn alone", async () => {
  const { session, ran } = createSession({ unfinished: true });
  await drain(runTurns(session, "go", signal));
  expect(ran).toEqual(["go"]);
});

test.each<TurnOutcome["kind"]>(["cancelled", "paused", "limit", "error"])(
  "after a turn that is %s nothing more is run",
  async (kind) => {
    const { session, ran } = createSession({
      waiting: ["a", "b"],
      outcome: (prompt) => (prompt === "go" ? "complete" : kind),
    });
    await drain(runTurns(session, "go", signal));
    expect(ran).toEqual(["go", "a (id of a)"]);
  },
);

test("where nothing was left, that is an error which says what to type", async () => {
  const { session } = createSession({});
  await expect(drain(runTurns(session, null, signal))).rejects.toThrow(CliError);
  await expect(drain(runTurns(session, null, signal))).rejects.toThrow("koda --resume s1 -p");
});

test("nothing is begun any more once it was interrupted", async () => {
  const { session, ran } = createSession({ waiting: ["a"] });
  await drain(runTurns(session, "go", AbortSignal.abort()));
  expect(ran).toEqual(["go"]);
});
