import { devAllowlistFilter, type Filter } from "@koda/sandbox";
import { SERVER_NAME } from "../load/client-hello.ts";
import type { PeerSetting } from "../opened-peer.ts";

/** The rules of a project on top of the default list: the origin, which is private, and the name in the ClientHello. */
export function kodaRules({ origin, host }: PeerSetting): Filter {
  const ports = Object.values(origin);
  return devAllowlistFilter().layer({
    allow: ports.map((port) => `${SERVER_NAME}:${port}`),
    allowPrivate: ports.map((port) => `${host}:${port}`),
  });
}
