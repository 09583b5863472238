import type { ProxyHandle } from "../../src/proxy/proxy-handle.ts";
import { RawClient } from "./rig.ts";

/** Where a proxy of either protocol listens. */
export type ProxyPlace = Pick<ProxyHandle, "protocol" | "host" | "port">;

/** The two protocols, for tables. */
export const protocols = ["http", "socks5"] as const;

/** What a client sends first to be joined to a host, byte for byte. */
export function tunnelRequest(protocol: ProxyHandle["protocol"], name: string, port: number): Buffer {
  if (protocol === "http") return Buffer.from(`CONNECT ${name}:${port} HTTP/1.1\r\n\r\n`);
  return Buffer.of(5, 1, 0, 5, 1, 0, 3, name.length, ...Buffer.from(name), port >> 8, port & 255);
}

/** A tunnel that is open; fails when it is refused. */
export async function openTunnel(place: ProxyPlace, name: string, port: number): Promise<RawClient> {
  const client = await RawClient.open(place);
  client.send(tunnelRequest(place.protocol, name, port));
  const { code } = await readAnswer(client, place.protocol);
  if (code !== 200 && code !== 0) throw new Error(`no tunnel: ${code}`);
  return client;
}

/** Reads the answer to a request for a tunnel: an HTTP status or a SOCKS reply, with the words of a refusal. */
export async function readAnswer(
  client: RawClient,
  protocol: ProxyHandle["protocol"],
): Promise<{ code: number; text: string }> {
  if (protocol === "http") {
    const { status, body } = await client.response();
    return { code: status, text: body };
  }
  const [, , , code = -1] = await client.bytes(12);
  return { code, text: "" };
}
