import ipaddr from "ipaddr.js";

/** One TCP socket of a network namespace. */
export interface TcpEntry {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly isListening: boolean;
  /** As in the target of a descriptor's link, `socket:[INODE]`; 0 where no process holds it (any more, or yet). */
  readonly inode: number;
}

/**
 * Parses `/proc/PID/net/tcp` or `tcp6` (proc_pid_net(5)). Grammar of a line: `sl: LOCAL:PORT REMOTE:PORT ST … INODE …` with addresses as
 * hexadecimal 32-bit words in the machine's byte order, here little-endian, and ports as plain hexadecimal. Lines that are none (the
 * heading) are passed over. IPv4-mapped addresses come as IPv4, others per RFC 5952.
 */
export function parseProcNetTcp(text: string): TcpEntry[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

const LISTEN = "0A"; // include/net/tcp_states.h

function parseLine(line: string): TcpEntry | null {
  const [, local = "", remote = "", state, , , , , , inode = ""] = line.trim().split(/\s+/);
  const [from, to] = [parseEnd(local), parseEnd(remote)];
  if (from === null || to === null || !/^\d+$/.test(inode)) return null;
  return {
    localAddress: from.address,
    localPort: from.port,
    remoteAddress: to.address,
    remotePort: to.port,
    isListening: state === LISTEN,
    inode: Number(inode),
  };
}

function parseEnd(text: string): { readonly address: string; readonly port: number } | null {
  const match = /^((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})$/.exec(text);
  const [, hex = "", port = ""] = match ?? [];
  if (hex.length !== 8 && hex.length !== 32) return null;
  return { address: toAddress(hex), port: Number.parseInt(port, 16) };
}

function toAddress(hex: string): string {
  const bytes = [...Buffer.from(hex, "hex").swap32()];
  const address = ipaddr.fromByteArray(bytes);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return address.toString();
}
