import { CoreError } from "../errors.ts";
import type { InputRecord, InputStore } from "./input-store.ts";
import { checkRow } from "./memory-checks.ts";
import { needSession, type OpenTables, touchSession } from "./memory-tables.ts";

export function createMemoryInputs(open: OpenTables): InputStore {
  const listInputs = (sessionId: string): readonly InputRecord[] =>
    [...(open().sessions.get(sessionId)?.inputs.values() ?? [])].map((input) => ({ ...input }));
  return {
    addInput(input) {
      const tables = open();
      return tables.log.transaction(() => {
        const session = needSession(tables, input.sessionId);
        const known = session.inputs.get(input.id);
        if (known !== undefined && known.text !== input.text) {
          throw new CoreError("store_rejected", `input ${JSON.stringify(input.id)} was sent before with another text`);
        }
        if (known !== undefined) return "known";
        checkRow({ chosen: [[input.boundary, "this-turn next-turn"]] });
        touchSession(tables, session, input.createdAtMs);
        tables.log.set(session.inputs, input.id, { ...input, state: "waiting", entryId: null });
        return "added";
      });
    },
    listInputs,
    waitingInputs: (sessionId) => listInputs(sessionId).filter(({ state }) => state === "waiting"),
    withdrawInput(sessionId, id) {
      const { log, sessions } = open();
      const session = sessions.get(sessionId);
      const input = session?.inputs.get(id);
      if (session === undefined || input?.state !== "waiting") return false;
      log.transaction(() => log.set(session.inputs, id, { ...input, state: "withdrawn" }));
      return true;
    },
  };
}
