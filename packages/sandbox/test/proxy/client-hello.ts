/** Writes a TLS 1.2-style ClientHello with the given server names, cut into records of at most `recordBytes`. */
export function clientHello(options: {
  readonly serverNames: readonly string[];
  readonly recordBytes?: number;
}): Buffer {
  const names = options.serverNames.map((name) => vector(2, [0, ...vector(2, [...Buffer.from(name, "latin1")])]));
  // One extension for each list: more than one name means more than one extension, which is malformed.
  const extensions = [[0xff, 0x01, 0, 1, 0], ...names.map((list) => [0, 0, ...vector(2, list)])].flat();
  const body = [3, 3, ...new Array<number>(32).fill(7), 0, 0, 2, 0x13, 1, 1, 0, ...vector(2, extensions)];
  const message = [1, 0, body.length >> 8, body.length & 255, ...body];
  const records: number[] = [];
  const size = options.recordBytes ?? 16_384;
  for (let at = 0; at < message.length; at += size) {
    records.push(22, 3, 1, ...vector(2, message.slice(at, at + size)));
  }
  return Buffer.from(records);
}

function vector(lengthBytes: 1 | 2, content: readonly number[]): number[] {
  const { length } = content;
  return lengthBytes === 1 ? [length, ...content] : [length >> 8, length & 255, ...content];
}
