import fc from "fast-check";
import { expect, test } from "vitest";
import { SandboxError } from "../errors.ts";
import { checkPortMapping, parsePortMapping } from "./port-mapping.ts";

test("one port stands for both sides, two are this machine's and the sandbox's", () => {
  expect(parsePortMapping("5432")).toEqual({ hostPort: 5432, sandboxPort: 5432 });
  expect(parsePortMapping("15432:5432")).toEqual({ hostPort: 15432, sandboxPort: 5432 });
});

test.each(["", "x", ":1", "1:", "1:2:3", "127.0.0.1:80", "-1", "1.5", "0x10", " 1", "1e3", "123456", "１"])(
  "%j names no port",
  (text) => {
    expect(() => parsePortMapping(text)).toThrow(expect.objectContaining({ code: "bad_port" }));
  },
);

test("every text is a mapping of two numbers or our error", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        const { hostPort, sandboxPort } = parsePortMapping(text);
        return Number.isInteger(hostPort) && Number.isInteger(sandboxPort);
      } catch (error) {
        return error instanceof SandboxError && error.code === "bad_port";
      }
    }),
  );
});

test.each([
  ["host-port", 0, 1],
  ["host-port", 1, 0],
  ["host-port", 65_536, 1],
  ["host-port", 1, 65_536],
  ["host-port", 1.5, 1],
  ["host-port", Number.NaN, 1],
  ["publish", -1, 1],
  ["publish", 1, 0],
  ["publish", 0, 0],
] as const)("%s %d:%d is refused with what was found and wanted", (kind, hostPort, sandboxPort) => {
  const check = (): void => checkPortMapping(kind, { hostPort, sandboxPort });
  expect(check).toThrow(expect.objectContaining({ code: "bad_port" }));
  expect(check).toThrow(/must be a whole number from [01] to 65535, not /);
});

test("only a published port may leave this machine's open", () => {
  checkPortMapping("publish", { hostPort: 0, sandboxPort: 3000 });
  checkPortMapping("host-port", { hostPort: 1, sandboxPort: 65_535 });
});
