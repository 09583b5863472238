import fc from "fast-check";
import { expect, test } from "vitest";
import { packBlob, toBlobHash, unpackBlob } from "./blob-codec.ts";

test("what is packed comes back, and never takes more room than it had", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 20 }), (part, repeat) => {
      const bytes = Uint8Array.from(Array.from({ length: repeat }, () => [...part]).flat());
      const packed = packBlob(bytes);
      expect(packed.bytes.length).toBeLessThanOrEqual(bytes.length);
      expect([...unpackBlob(toBlobHash(bytes), packed)]).toEqual([...bytes]);
    }),
  );
});

test("damaged bytes are our error, never other bytes", () => {
  const bytes = Uint8Array.from(Buffer.from("a line that repeats\n".repeat(100)));
  const packed = packBlob(bytes);
  const hash = toBlobHash(bytes);
  fc.assert(
    fc.property(fc.nat(packed.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Uint8Array.from(packed.bytes, (byte, index) => (index === at ? byte ^ change : byte));
      try {
        expect([...unpackBlob(hash, { ...packed, bytes: damaged })]).toEqual([...bytes]);
      } catch (error) {
        expect(error).toMatchObject({ code: "store_failed" });
      }
    }),
  );
});

test("what would unpack to more than it says is not unpacked", () => {
  const bytes = new Uint8Array(10_000_000);
  const packed = packBlob(bytes);
  expect(() => unpackBlob(toBlobHash(bytes), { ...packed, size: 1000 })).toThrow(
    expect.objectContaining({ code: "store_failed" }),
  );
});
