import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputRing } from "./output-ring.ts";

const fill = (maxBytes: number, chunks: readonly string[]): OutputRing => {
  const ring = new OutputRing(maxBytes);
  for (const chunk of chunks) ring.append(chunk);
  return ring;
};

test("output that fits comes back whole", () => {
  const ring = fill(100, ["ab", "c\n", "d"]);
  expect([ring.text(), ring.droppedBytes]).toEqual(["abc\nd", 0]);
});

test("of a long output the head and the true tail are kept, with the bytes dropped between", () => {
  expect(fill(8, ["0123456789", "abcdef"]).text()).toBe("01\n[… 8 bytes dropped …]\nabcdef");
});

test("nothing is kept beyond the limit, nothing is lost without being counted, and no character is cut", () => {
  fc.assert(
    fc.property(fc.nat(64), fc.array(fc.string({ unit: "grapheme" }), { maxLength: 40 }), (maxBytes, chunks) => {
      const ring = fill(maxBytes, chunks);
      const whole = chunks.join("");
      const text = ring.text();
      const gap = `[… ${ring.droppedBytes} bytes dropped …]\n`;
      if (ring.droppedBytes === 0) {
        expect(text).toBe(whole.toWellFormed());
        return;
      }
      const at = text.lastIndexOf(gap);
      const [head, tail] = [text.slice(0, at).replace(/\n$/, ""), text.slice(at + gap.length)];
      expect(whole.startsWith(head)).toBe(true);
      expect(whole.endsWith(tail)).toBe(true);
      expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(maxBytes);
      expect(Buffer.byteLength(text) - Buffer.byteLength(gap)).toBeLessThanOrEqual(maxBytes + 1);
    }),
  );
});
