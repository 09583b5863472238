import { openBubblewrap } from "../bubblewrap.ts";
import type { OpenPeer } from "../opened-peer.ts";

/** bubblewrap with Koda's mounts, namespaces and system call filter, in the machine's network. */
export const open: OpenPeer = (place) => openBubblewrap(place, { hasOwnNetwork: false });
