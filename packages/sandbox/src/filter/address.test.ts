import fc from "fast-check";
import { expect, test } from "vitest";
import { classifyAddress, embeddedIpv4, toOwnAddresses } from "./address.ts";

test.each([
  ["8.8.8.8", "public"],
  ["2606:4700::1", "public"],
  ["64:ff9b::808:808", "public"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback"],
  ["::1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:7f00:1", "loopback"],
  ["::127.0.0.1", "loopback"],
  ["::7f00:1", "loopback"],
  ["64:ff9b::7f00:1", "loopback"],
  ["2002:7f00:1::", "loopback"],
  ["10.0.0.1", "private"],
  ["172.16.0.1", "private"],
  ["172.17.0.1", "private"],
  ["192.168.1.1", "private"],
  ["64:ff9b::a00:1", "private"],
  ["2002:c0a8:101::1", "private"],
  ["169.254.1.1", "link-local"],
  ["fe80::1", "link-local"],
  ["100.64.0.1", "cgnat"],
  ["fd00::1", "ula"],
  ["224.0.0.1", "multicast"],
  ["ff02::1", "multicast"],
  ["0.0.0.0", "unspecified"],
  ["0.1.2.3", "unspecified"],
  ["::", "unspecified"],
  ["169.254.169.254", "metadata"],
  ["::ffff:169.254.169.254", "metadata"],
  ["64:ff9b::a9fe:a9fe", "metadata"],
  ["169.254.170.2", "metadata"],
  ["fd00:ec2::254", "metadata"],
  ["100.100.100.200", "metadata"],
  ["192.0.0.192", "metadata"],
  ["168.63.129.16", "metadata"],
  ["192.0.2.1", "reserved"],
  ["198.18.0.1", "reserved"],
  ["203.0.113.1", "reserved"],
  ["240.0.0.1", "reserved"],
  ["255.255.255.255", "reserved"],
  ["2001:db8::1", "reserved"],
  ["2001::1", "reserved"],
  ["100::1", "reserved"],
  ["fec0::1", "reserved"],
  ["4000::1", "reserved"],
  ["64:ff9b:1::1", "reserved"],
  ["64:ff9b:1:7f00:0:100::", "reserved"],
  ["::ffff:0:127.0.0.1", "reserved"],
  ["192.88.99.1", "reserved"],
  ["192.0.0.8", "reserved"],
  ["3fff::1", "reserved"],
  ["2001:2::1", "reserved"],
  ["2001:20::1", "reserved"],
  ["5f00::1", "reserved"],
  ["fe80::1%lo", "reserved"],
  ["no address", "reserved"],
] as const)("%s is %s", (address, addressClass) => {
  expect(classifyAddress(address)).toBe(addressClass);
});

test("an IPv4 address inside IPv6 has the class it has alone", () => {
  fc.assert(
    fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), (octets) => {
      const alone = classifyAddress(octets.join("."));
      const [high, low] = [0, 2].map((at) => (((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)).toString(16));
      for (const wrapped of [`::ffff:${high}:${low}`, `64:ff9b::${high}:${low}`, `2002:${high}:${low}::1`]) {
        expect(classifyAddress(wrapped)).toBe(alone);
      }
    }),
  );
});

test("a public address of an own interface is this machine, in every form that leads to it", () => {
  const own = toOwnAddresses(["8.8.4.4", "10.0.0.5", "2606:4700:0::0:5", "fe80::1%eth0", "::1", "no address"]);
  const forms = ["8.8.4.4", "::ffff:808:404", "64:ff9b::8.8.4.4", "2002:808:404::1", "2606:4700::5"];
  expect(forms.map((address) => classifyAddress(address, own))).toEqual(forms.map(() => "this-machine"));
  expect(classifyAddress("8.8.4.5", own)).toBe("public");
  // Ranges that no rule opens by chance keep their own name.
  expect(["10.0.0.5", "fe80::1", "::1"].map((address) => classifyAddress(address, own))).toEqual([
    "private",
    "link-local",
    "loopback",
  ]);
});

test.each([
  ["64:ff9b::a00:1", "10.0.0.1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["::a00:1", "10.0.0.1"],
  ["2002:a00:1:5::9", "10.0.0.1"],
  ["::", null],
  ["::1", null],
  ["64:ff9b:1::a00:1", null],
  ["2606:4700::a00:1", null],
  ["10.0.0.1", null],
  ["a.test", null],
  ["fe80::1%lo", null],
] as const)("%s leads to the IPv4 address %s", (address, ipv4) => {
  expect(embeddedIpv4(address)).toBe(ipv4);
});
