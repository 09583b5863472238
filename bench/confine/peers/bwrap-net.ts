import { openBubblewrap } from "../bubblewrap.ts";
import type { OpenPeer } from "../opened-peer.ts";

/** The same with a network namespace, which it makes anew for every command. */
export const open: OpenPeer = (place) => openBubblewrap(place, { hasOwnNetwork: true });
