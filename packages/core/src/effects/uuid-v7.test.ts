import fc from "fast-check";
import { expect, test } from "vitest";
import { uuidV7 } from "./uuid-v7.ts";

const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test("the example of RFC 9562 appendix A.6 comes out, as far as its random bits go", () => {
  const random = Uint8Array.of(0xcc, 0x30, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f);
  expect(uuidV7(0x017f22e279b0, random)).toMatch(/^017f22e2-79b0-7cc3-[89ab]/);
});

test("version and variant are set, whatever the random bytes", () => {
  fc.assert(
    fc.property(time, bytes, (nowMs, random) => {
      expect(uuidV7(nowMs, random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }),
  );
});

test("ids sort by age", () => {
  fc.assert(
    fc.property(time, time, bytes, bytes, (left, right, first, second) => {
      fc.pre(left < right);
      expect(uuidV7(left, first) < uuidV7(right, second)).toBe(true);
    }),
  );
});
