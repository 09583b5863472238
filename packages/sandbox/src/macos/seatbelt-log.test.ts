import { expect, test } from "vitest";
import { fromDenial, parseSeatbeltLog } from "./seatbelt-log.ts";

const kernel = {
  processImagePath: "/kernel",
  senderImagePath: "/System/Library/Extensions/Sandbox.kext/Contents/MacOS/Sandbox",
};
const line = (message: string, sender: object = kernel): string => JSON.stringify({ ...sender, eventMessage: message });
const DENIED = "Sandbox: my tool(123) deny(1) file-write-create /private/etc/a b\nkoda-1";

test("a denial tells who, which operation and what it was about [MA-15]", () => {
  const denial = parseSeatbeltLog(line(DENIED), "koda-1");
  expect(denial).toEqual({
    processName: "my tool",
    pid: 123,
    operation: "file-write-create",
    target: "/private/etc/a b",
  });
  expect(denial && fromDenial(denial)).toEqual({
    kind: "file",
    message: 'file-write-create of "/private/etc/a b" by "my tool" was denied',
  });
});

test.each([
  ["another session's", line(DENIED.replace("koda-1", "koda-2"))],
  ["no tag at all", line(DENIED.replace("\nkoda-1", ""))],
  ["what a program logged itself", line(DENIED, { ...kernel, processImagePath: "/bin/sh" })],
  ["what another part of the kernel logged", line(DENIED, { ...kernel, senderImagePath: "/x/Sandbox" })],
  ["no denial", line("Sandbox: a(1) allow file-read-data /x\nkoda-1")],
  ["the header of the stream", 'Filtering the log data using "x"'],
  ["half a line", line(DENIED).slice(0, 40)],
  ["no object", "null"],
])("a line is passed over: %s [MA-15]", (_what, text) => {
  expect(parseSeatbeltLog(text, "koda-1")).toBeNull();
});

test("a denial without a target, and of the network", () => {
  const denial = parseSeatbeltLog(line("Sandbox: sh(9) deny(1) network-outbound 1.1.1.1:443\nkoda-1"), "koda-1");
  expect(denial && fromDenial(denial).kind).toBe("network");
  expect(parseSeatbeltLog(line("Sandbox: sh(9) deny(1) process-fork\nkoda-1"), "koda-1")).toMatchObject({ target: "" });
});
