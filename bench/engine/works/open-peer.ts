import type { OpenPeer, Peer } from "../conversation.ts";
import type { Task } from "../job.ts";
import { converseWithKoda } from "../koda-session.ts";
import { openStore } from "../koda-store.ts";

/** A peer with new conversations; Koda's are all in one store. */
export async function openPeer(task: Task): Promise<Peer> {
  if (task.peer.startsWith("koda")) {
    const { store, projectRoot } = openStore(task, null);
    return { converse: () => converseWithKoda(store, { projectRoot, resume: null }) };
  }
  const { open } = (await import(`../peers/${task.peer}.ts`)) as { open: OpenPeer }; // what every module there exports
  return await open();
}
