/** What a filter sees of one system call: `struct seccomp_data` of linux/seccomp.h. */
export interface SystemCall {
  readonly auditArch: number;
  readonly number: number;
  readonly args?: readonly (number | bigint)[];
}

/**
 * Runs a classic BPF program as the kernel does, and gives back what it returns. Refuses what the kernel would refuse
 * or misread: an instruction it does not know, a word that is not in the input, a jump past the end.
 */
export function runFilter(program: Buffer, call: SystemCall): number {
  const input = Buffer.alloc(64);
  input.writeUInt32LE(call.number >>> 0, 0);
  input.writeUInt32LE(call.auditArch, 4);
  for (const [index, value] of (call.args ?? []).entries()) {
    input.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + index * 8);
  }
  let word = 0;
  for (let at = 0; at * 8 < program.length; at++) {
    const code = program.readUInt16LE(at * 8);
    const value = program.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return value;
    if (code === 0x20) word = readWord(input, value);
    else if (code === 0x54) word = (word & value) >>> 0;
    else if (code === 0x05) at += value;
    else if (code === 0x15) at += program.readUInt8(at * 8 + (word === value ? 2 : 3));
    else if (code === 0x35) at += program.readUInt8(at * 8 + (word >= value ? 2 : 3));
    else throw new Error(`unknown instruction 0x${code.toString(16)} at ${at}`);
  }
  throw new Error("the program ran past its end");
}

function readWord(input: Buffer, offset: number): number {
  if (offset % 4 !== 0) throw new Error(`a word at ${offset} is not aligned`);
  return input.readUInt32LE(offset); // throws past the end
}
