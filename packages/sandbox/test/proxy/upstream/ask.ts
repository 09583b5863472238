import type { ProxyHandle } from "../../../src/proxy/proxy-handle.ts";
import { RawClient } from "../rig.ts";

/** The two ways a client asks our proxies for a tunnel, and what `ok` and refusals look like in each. */
export const askers = [
  { protocol: "http", ask: askHttp },
  { protocol: "socks5", ask: askSocks5 },
] as const;

export interface Asked extends Disposable {
  readonly client: RawClient;
  /** The HTTP status, or the SOCKS reply code. */
  readonly answer: number;
  /** The body of a refusal; SOCKS has none. */
  readonly text: string;
}

export async function askHttp(proxy: ProxyHandle, host: string, port: number): Promise<Asked> {
  const client = await RawClient.open(proxy);
  client.send(`CONNECT ${host.includes(":") ? `[${host}]` : host}:${port} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const { status, body } = await client.response();
  return { client, answer: status, text: body, [Symbol.dispose]: () => client[Symbol.dispose]() };
}

export async function askSocks5(proxy: ProxyHandle, host: string, port: number): Promise<Asked> {
  const client = await RawClient.open(proxy);
  const name = Buffer.from(host, "latin1");
  client.send(Buffer.of(5, 1, 0, 5, 1, 0, 3, name.length, ...name, port >> 8, port & 255));
  const [, , , answer = -1] = await client.bytes(12);
  return { client, answer, text: "", [Symbol.dispose]: () => client[Symbol.dispose]() };
}
