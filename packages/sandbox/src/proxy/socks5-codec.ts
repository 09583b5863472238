/** What a prefix of the client's bytes is, read as one message. `size` is how many bytes the message took. */
export type Decoded<Message> =
  | { readonly kind: "incomplete" }
  | { readonly kind: "malformed"; readonly problem: string }
  | { readonly kind: "message"; readonly message: Message; readonly size: number };

export interface Greeting {
  /** 0 no authentication, 2 user name and password; others are other schemes. */
  readonly methods: readonly number[];
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Socks5Request {
  /** 1 CONNECT, 2 BIND, 3 UDP ASSOCIATE. */
  readonly command: number;
  /** A name as sent, one character per byte; IPv4 dotted; IPv6 in eight groups. Null for an unknown address type. */
  readonly host: string | null;
  readonly port: number;
}

/** `VER NMETHODS METHODS` (RFC 1928 §3). */
export function decodeGreeting(bytes: Uint8Array): Decoded<Greeting> {
  if (bytes.length >= 1 && bytes[0] !== 5) return malformed("not SOCKS version 5");
  const count = bytes[1];
  if (count === undefined || bytes.length < 2 + count) return incomplete;
  return message({ methods: [...bytes.subarray(2, 2 + count)] }, 2 + count);
}

/** `VER ULEN UNAME PLEN PASSWD` with version 1 (RFC 1929 §2), as UTF-8. Empty ones are read like others. */
export function decodeCredentials(bytes: Uint8Array): Decoded<Credentials> {
  if (bytes.length >= 1 && bytes[0] !== 1) return malformed("not version 1 of the password sub-negotiation");
  const nameLength = bytes[1];
  if (nameLength === undefined) return incomplete;
  const passwordLength = bytes[2 + nameLength];
  if (passwordLength === undefined || bytes.length < 3 + nameLength + passwordLength) return incomplete;
  const size = 3 + nameLength + passwordLength;
  const username = text(bytes.subarray(2, 2 + nameLength));
  return message({ username, password: text(bytes.subarray(3 + nameLength, size)) }, size);
}

/** `VER CMD RSV ATYP DST.ADDR DST.PORT` (RFC 1928 §4). The length behind an unknown address type is unknown too. */
export function decodeRequest(bytes: Uint8Array): Decoded<Socks5Request> {
  if (bytes.length >= 1 && bytes[0] !== 5) return malformed("not SOCKS version 5");
  if (bytes.length >= 3 && bytes[2] !== 0) return malformed("the reserved byte is not 0");
  const [, command, , addressType] = bytes;
  if (command === undefined || addressType === undefined) return incomplete;
  switch (addressType) {
    case 1:
      return withPort(bytes, command, 4, 4, (address) => address.join("."));
    case 3: {
      const length = bytes[4];
      if (length === undefined) return incomplete;
      return withPort(bytes, command, 5, length, (name) => String.fromCharCode(...name));
    }
    case 4:
      return withPort(bytes, command, 4, 16, toIpv6);
    default:
      return message({ command, host: null, port: 0 }, 4);
  }
}

/** `VER METHOD` (RFC 1928 §3); 255 is "none of yours". */
export function encodeMethod(method: 0 | 2 | 255): Uint8Array {
  return Uint8Array.of(5, method);
}

/** `VER STATUS` (RFC 1929 §2); 0 is success. */
export function encodeCredentialsStatus(status: 0 | 1): Uint8Array {
  return Uint8Array.of(1, status);
}

/** `VER REP RSV ATYP BND.ADDR BND.PORT` (RFC 1928 §6). The address bound is nobody's concern: 0.0.0.0:0. */
export function encodeReply(reply: number): Uint8Array {
  return Uint8Array.of(5, reply, 0, 1, 0, 0, 0, 0, 0, 0);
}

function withPort(
  bytes: Uint8Array,
  command: number,
  start: number,
  length: number,
  toHost: (address: Uint8Array) => string,
): Decoded<Socks5Request> {
  const end = start + length;
  const [high, low] = bytes.subarray(end, end + 2);
  if (high === undefined || low === undefined) return incomplete;
  return message({ command, host: toHost(bytes.subarray(start, end)), port: (high << 8) | low }, end + 2);
}

function toIpv6(address: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => {
    const group = ((address[index * 2] ?? 0) << 8) | (address[index * 2 + 1] ?? 0);
    return group.toString(16);
  });
  return groups.join(":");
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

const incomplete: { readonly kind: "incomplete" } = { kind: "incomplete" };

function malformed(problem: string): { readonly kind: "malformed"; readonly problem: string } {
  return { kind: "malformed", problem };
}

function message<Message>(value: Message, size: number): Decoded<Message> {
  return { kind: "message", message: value, size };
}
