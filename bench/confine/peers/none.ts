import type { OpenPeer } from "../opened-peer.ts";
import { prefixPeer } from "../start-command.ts";

/** No sandbox: what Node and the kernel need for a process. */
export const open: OpenPeer = async () => prefixPeer([]);
