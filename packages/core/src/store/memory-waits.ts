import { CoreError } from "../errors.ts";
import { checkRow, toKept } from "./memory-checks.ts";
import { needWritable, type OpenTables, touchWritable } from "./memory-tables.ts";
import type { WaitRecord, WaitStore } from "./wait-store.ts";

export function createMemoryWaits(open: OpenTables): WaitStore {
  return {
    openWait(writer, wait) {
      const tables = open();
      tables.log.transaction(() => {
        touchWritable(tables, writer, wait.createdAtMs);
        const known = tables.waits.get(wait.key);
        if (known !== undefined && known.sessionId !== writer.sessionId) {
          throw new CoreError("store_rejected", `wait ${wait.key} is of another session`);
        }
        if (known !== undefined && known.state !== "closed") return;
        const fresh = { sessionId: writer.sessionId, answerJson: null, answeredBy: null, state: "open" } as const;
        checkRow({ whole: [wait.deadlineMs], chosen: [[wait.kind, "approval question steps external"]] });
        tables.log.set(tables.waits, wait.key, toKept({ ...wait, ...fresh }));
      });
    },
    readWait: (key) => open().waits.get(key) ?? null,
    answerWait(key, { json, by, nowMs }) {
      const { log, waits } = open();
      const wait = waits.get(key);
      if (wait === undefined || !isOpen(wait, nowMs)) return false;
      log.transaction(() => log.set(waits, key, { ...wait, state: "answered", answerJson: json, answeredBy: by }));
      return true;
    },
    closeWait(writer, key) {
      const tables = open();
      tables.log.transaction(() => {
        needWritable(tables, writer);
        const wait = tables.waits.get(key);
        if (wait?.state !== "open" || wait.sessionId !== writer.sessionId) return;
        tables.log.set(tables.waits, key, { ...wait, state: "closed" });
      });
    },
    listWaits: (sessionId, { state, nowMs }) =>
      [...open().waits.values()]
        .filter((wait) => wait.sessionId === sessionId && (state === "all" || isOpen(wait, nowMs)))
        .sort((left, right) => left.createdAtMs - right.createdAtMs),
  };
}

const isOpen = (wait: WaitRecord, nowMs: number): boolean =>
  wait.state === "open" && (wait.deadlineMs === null || wait.deadlineMs > nowMs);
