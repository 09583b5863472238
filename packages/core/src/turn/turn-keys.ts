import type { TurnContext } from "./turn-context.ts";

type KeyParts = Pick<TurnContext, "sessionId" | "turnNumber">;

/** Keys of effects and ids of calls follow from session, turn, step and position: two runs of one turn have the same. */
export const toEffectKey = (turn: KeyParts, ...parts: readonly (string | number)[]): string =>
  [turn.sessionId, turn.turnNumber, ...parts].join("/");

/** Short, for the model repeats it; unique within the session; of characters that every vendor takes. */
export const toCallId = (turn: Pick<TurnContext, "turnNumber">, step: number, index: number): string =>
  `call_${turn.turnNumber}_${step}_${index}`;

/** The same for every attempt of a call, in every process and whichever turn looks at it. */
export const toCallKey = (turn: Pick<TurnContext, "sessionId">, callId: string): string =>
  `${turn.sessionId}/${callId}`;

/** The key on which the answer to a question of this session is waited for. */
export const toWaitKey = (sessionId: string, requestId: string): string => `${sessionId}/wait/${requestId}`;
