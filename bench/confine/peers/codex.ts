import { openCodex } from "../open-codex.ts";
import type { OpenPeer } from "../opened-peer.ts";

/** `codex sandbox COMMAND`, its native program: the quickest way in, for there is no library. */
export const open: OpenPeer = (place) => openCodex(place, ({ native }) => [native]);
