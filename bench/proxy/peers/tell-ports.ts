import type { PeerPorts, PeerSetting } from "../opened-peer.ts";

export function readSetting(): PeerSetting {
  return JSON.parse(process.argv[2] ?? "{}") as PeerSetting; // written by the bench that started this program
}

/** Tells the bench where this peer listens, collects garbage when asked to, and ends with the bench. */
export function tellPorts(ports: Partial<PeerPorts>): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", () => {
    globalThis.gc?.();
    // What the first collection let go of, the second frees: handles are closed in between.
    setTimeout(() => {
      globalThis.gc?.();
      process.send?.("collected");
    }, 50);
  });
  process.send?.({ http: null, socks5: null, username: null, password: null, ...ports });
}
