import fc from "fast-check";
import { expect, test } from "vitest";
import { runFilter } from "../../../test/run-filter.ts";
import { assemble, type Statement } from "./assemble.ts";

const load: Statement = { kind: "load", offset: 0 };
const answer = (value: number): Statement => ({ kind: "return", value });
const label = (name: string): Statement => ({ kind: "label", name });
const ifEqual = (value: number, to: string | null, elseTo: string | null = null): Statement => ({
  kind: "jump",
  when: "equal",
  value,
  to,
  elseTo,
});
const run = (program: Buffer, number: number): number => runFilter(program, { auditArch: 0, number });

test("instructions are laid out as struct sock_filter", () => {
  const statements = [load, ifEqual(7, "yes"), answer(0x7fff0000), label("yes"), answer(0x80000000)];
  expect(assemble(statements).toString("hex").match(/.{16}/g)).toEqual([
    "2000000000000000",
    "1500010007000000",
    "060000000000ff7f",
    "0600000000000080",
  ]);
});

test.each([
  ["without a return at its end", [load], /must end with a return/],
  ["that is empty", [], /must end with a return/],
  ["with a jump to nowhere", [ifEqual(1, "a"), answer(0)], /no label a/],
  ["with a jump back", [label("a"), load, ifEqual(1, null, "a"), answer(0)], /label a is not ahead/],
  ["with two labels of one name", [label("a"), label("a"), answer(0)], /label a is given twice/],
  ["with a negative value", [answer(-1)], /not an unsigned 32-bit value: -1/],
  ["with a value of 33 bits", [answer(2 ** 32)], /not an unsigned 32-bit value: 4294967296/],
  ["of more than 4096 instructions", Array.from({ length: 4097 }, () => answer(0)), /4097 instructions/],
])("a program %s is refused", (_, statements, why) => {
  expect(() => assemble(statements)).toThrow(RangeError);
  expect(() => assemble(statements)).toThrow(why);
});

test.each([253, 254, 255, 256, 257, 1000])("a jump over %i instructions arrives, either way", (distance) => {
  const between = Array.from({ length: distance }, () => load);
  const end = [answer(1), label("far"), answer(2)];
  const whenEqual = assemble([load, ifEqual(5, "far"), ...between, ...end]);
  expect([run(whenEqual, 5), run(whenEqual, 6)]).toEqual([2, 1]);
  const otherwise = assemble([load, ifEqual(5, null, "far"), ...between, ...end]);
  expect([run(otherwise, 5), run(otherwise, 6)]).toEqual([1, 2]);
  const both = assemble([load, ifEqual(5, "near", "far"), ...between, label("near"), ...end]);
  expect([run(both, 5), run(both, 6)]).toEqual([1, 2]);
});

test("any table of numbers, however long, gives each number its own answer", () => {
  const table = fc.uniqueArray(fc.nat(0xffff), { minLength: 1, maxLength: 900 });
  fc.assert(
    fc.property(table, (numbers) => {
      const program = assemble([
        load,
        ...numbers.map((number) => ifEqual(number, `n${number}`)),
        answer(0xffff_ffff),
        ...numbers.flatMap((number) => [label(`n${number}`), answer(number)]),
      ]);
      for (const number of numbers) expect(run(program, number)).toBe(number);
      expect(run(program, 0x1_0000)).toBe(0xffff_ffff);
    }),
    { numRuns: 30 },
  );
});
