/**
 * A 32-bit x86 Linux program that makes an empty file of that name in its working directory and ends with 0: an ELF
 * header, one segment, and three instructions' worth of `int 0x80`. Kernels without 32-bit support do not start it.
 */
export function program32(fileName: string): Buffer {
  const base = 0x0804_8000;
  const headerBytes = 52;
  const segmentBytes = 32;
  const start = headerBytes + segmentBytes;
  const code = Buffer.from([
    ...[0xb8, 8, 0, 0, 0], // mov eax, creat
    ...[0xbb, 0, 0, 0, 0], // mov ebx, fileName
    ...[0xb9, 0xa4, 1, 0, 0], // mov ecx, 0644
    ...[0xcd, 0x80], // int 0x80
    ...[0xb8, 1, 0, 0, 0], // mov eax, exit
    ...[0x31, 0xdb], // xor ebx, ebx
    ...[0xcd, 0x80], // int 0x80
  ]);
  code.writeUInt32LE(base + start + code.length, 6);
  const text = Buffer.from(`${fileName}\0`);
  const header = Buffer.alloc(start);
  header.write("\x7fELF\x01\x01\x01", "latin1"); // 32-bit, little endian, version 1
  const half = (value: number, at: number): void => void header.writeUInt16LE(value, at);
  const word = (value: number, at: number): void => void header.writeUInt32LE(value, at);
  half(2, 16); // executable
  half(3, 18); // i386
  word(1, 20);
  word(base + start, 24); // entry
  word(headerBytes, 28); // where the segments are listed
  half(headerBytes, 40);
  half(segmentBytes, 42);
  half(1, 44); // one segment
  const whole = start + code.length + text.length;
  word(1, headerBytes); // loaded
  word(base, headerBytes + 8);
  word(base, headerBytes + 12);
  word(whole, headerBytes + 16);
  word(whole, headerBytes + 20);
  word(5, headerBytes + 24); // read and execute
  word(0x1000, headerBytes + 28);
  return Buffer.concat([header, code, text]);
}
