import { loadView, viewChars } from "../context/load-view.ts";
import { endOpenTurn } from "./end-open-turn.ts";
import type { SessionParts } from "./session-parts.ts";
import type { SessionWorks } from "./session-works.ts";

/**
 * Goes back to an entry of the path, or before the first one: the next prompt follows it. What came after it stays in the
 * record, as a branch of its own. A turn in whose middle that is counts as cancelled there.
 *
 * @throws {CoreError} `store_rejected` for an entry that is not on the path; `store_failed`, `lease_lost`.
 */
export function moveLeaf({ store, lease, effects }: SessionParts, works: SessionWorks, leafId: string | null): void {
  works.transcript.flush();
  const nowMs = effects.now();
  const endedLeafId = store.together(() => {
    store.changeSession(lease.writer, { leafId }, nowMs);
    // A turn that was gone back into is over: it goes on elsewhere already, under the same ids.
    return endOpenTurn(store, lease.writer, { leafId, id: effects.id(), nowMs }) ?? leafId;
  });
  const view = loadView(store, endedLeafId, { maxChars: viewChars(works.provider.contextWindow ?? 0) });
  works.transcript.startFrom(endedLeafId, view);
  works.window.startFrom(view.isWhole);
  works.voice.settle(endedLeafId, null);
}
