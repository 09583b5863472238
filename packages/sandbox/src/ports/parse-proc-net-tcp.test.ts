import fc from "fast-check";
import { expect, test } from "vitest";
import { parseProcNetTcp } from "./parse-proc-net-tcp.ts";

const HEADING =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n";

test("a listener and a connection of IPv4 are read as the kernel prints them", () => {
  const lines = [
    "   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 26013 1 0000000000000000 100 0 0 10 0",
    "   1: 0100007F:C3A2 0100007F:1538 01 00000000:00000000 02:000003C5 00000000  1000        0 4294967295 2 0000000000000000 20 4 30 10 -1",
  ];
  expect(parseProcNetTcp(`${HEADING}${lines.join("\n")}\n`)).toEqual([
    {
      localAddress: "127.0.0.1",
      localPort: 5432,
      remoteAddress: "0.0.0.0",
      remotePort: 0,
      isListening: true,
      inode: 26013,
    },
    {
      localAddress: "127.0.0.1",
      localPort: 50082,
      remoteAddress: "127.0.0.1",
      remotePort: 5432,
      isListening: false,
      inode: 4294967295,
    },
  ]);
});

test.each([
  ["00000000000000000000000001000000", "::1"],
  ["0000000000000000FFFF00000100007F", "127.0.0.1"], // as Java connects
  ["B80D0120000000000000000001000000", "2001:db8::1"],
])("the IPv6 address %s is %s", (hex, address) => {
  const line = `  12: ${hex}:0050 ${hex}:1F90 01 00000000:00000000 00:00000000 00000000     0        0 7 1 0 20 4 30 10 -1`;
  expect(parseProcNetTcp(line)).toMatchObject([{ localAddress: address, localPort: 80, remotePort: 8080, inode: 7 }]);
});

test("text that is no table has no entries, whatever it is", () => {
  fc.assert(fc.property(fc.string(), (text) => parseProcNetTcp(text).length === 0));
  expect(parseProcNetTcp("0: 0100007:1538 00000000:0000 0A 0 0 0 0 0 1")).toEqual([]);
  expect(parseProcNetTcp("0: 0100007F0100007F:1538 00000000:0000 0A 0 0 0 0 0 1")).toEqual([]);
});
