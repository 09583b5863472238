import type { EngineEvent, KodaSession } from "@koda/core";
import { CliError } from "../errors.ts";

/**
 * The turn of `prompt`, and then those of what was asked for while it ran. Null: what an earlier process left, a turn
 * without its end and what waits behind it. A turn that does not complete is the last.
 *
 * @throws {CliError} `usage` at the first `next()` when nothing was left.
 */
export async function* runTurns(
  session: Pick<KodaSession, "id" | "runTurn" | "continueTurn" | "unfinishedTurn" | "waitingInputs">,
  prompt: string | null,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void> {
  let isGoingOn = true;
  async function* follow(turn: AsyncIterable<EngineEvent>): AsyncGenerator<EngineEvent, void> {
    for await (const event of turn) {
      if (event.type === "turn-end") isGoingOn = event.outcome.kind === "complete";
      yield event;
    }
  }
  if (prompt !== null) yield* follow(session.runTurn(prompt, { signal }));
  else if (session.unfinishedTurn !== null) yield* follow(session.continueTurn({ signal }));
  else if (session.waitingInputs().length === 0) throw new CliError("usage", nothingLeft(session.id));
  while (isGoingOn) {
    const [next] = session.waitingInputs();
    if (next === undefined || signal.aborted) return;
    yield* follow(session.runTurn(next.text, { signal, inputId: next.id }));
  }
}

const nothingLeft = (id: string): string =>
  `session ${id} has nothing left to do; ask it something: koda --resume ${id} -p "…"`;
