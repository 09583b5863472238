import { connectFirst } from "../proxy/connect-first.ts";
import type { RelayBuffers } from "../proxy/relay-buffers.ts";
import { Wire } from "../proxy/wire.ts";
import { explainFailure } from "./explain-failure.ts";
import type { PortDial } from "./port-relay.ts";

/** Connects to a port of this machine's own loopback, IPv4 first. Never rejects. */
export async function dialHost(port: number, buffers: RelayBuffers, signal: AbortSignal): Promise<PortDial> {
  try {
    const { connection, address } = await connectFirst({
      addresses: ["127.0.0.1", "::1"],
      port,
      open: (place) => Wire.connect(place, buffers),
      signal,
    });
    return { kind: "connected", wire: connection, address };
  } catch (error) {
    return { kind: "failed", reason: explainFailure(error, `port ${port} of this machine`) };
  }
}
