import type { ProxyHandle } from "../../src/proxy/proxy-handle.ts";
import { RawClient } from "./rig.ts";

/** What a proxy answers to a request for a connection, in words that hold for both protocols. */
export type Answer = "open" | "denied" | "unreadable" | "failed";

/** Asks for a tunnel by name, byte for byte as given, and lets it go again. */
export async function askProxy(proxy: ProxyHandle, host: string, port: number): Promise<Answer> {
  using client = await RawClient.open(proxy);
  if (proxy.protocol === "http") {
    client.send(`CONNECT ${host}:${port} HTTP/1.1\r\n\r\n`);
    const head = await client.until("\r\n\r\n");
    return httpAnswers[head.slice(9, 12)] ?? "failed";
  }
  const name = Buffer.from(host.replace(/^\[|\]$/g, ""));
  const request = [Uint8Array.of(5, 1, 0, 5, 1, 0, 3, name.length), name, Uint8Array.of(port >> 8, port & 255)];
  client.send(Buffer.concat(request));
  const [, , , code] = await client.bytes(4);
  return socksAnswers[code ?? 1] ?? "failed";
}

const httpAnswers: Readonly<Record<string, Answer>> = { 200: "open", 400: "unreadable", 403: "denied" };
const socksAnswers: Readonly<Record<number, Answer>> = { 0: "open", 1: "unreadable", 2: "denied" };
