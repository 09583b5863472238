import { openCodex } from "../open-codex.ts";
import type { OpenPeer } from "../opened-peer.ts";

/** `codex sandbox COMMAND` as npm installs it. */
export const open: OpenPeer = (place) => openCodex(place, ({ launcher }) => [process.execPath, launcher]);
