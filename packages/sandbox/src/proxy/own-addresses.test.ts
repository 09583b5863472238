import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { classifyAddress } from "../filter/address.ts";
import { OwnAddressList } from "./own-addresses.ts";

test("no address of an interface of this machine is a public one [AD-08]", () => {
  const own = new OwnAddressList().current();
  const addresses = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
  expect(addresses).not.toEqual([]);
  expect(addresses.filter((address) => classifyAddress(address, own) === "public")).toEqual([]);
  expect(own.size).toBe(new Set(addresses).size);
});
