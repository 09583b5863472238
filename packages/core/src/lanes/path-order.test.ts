import fc from "fast-check";
import { expect, test } from "vitest";
import { PathOrder, type PathTicket, type PathUse } from "./path-order.ts";

test.each<[string, boolean, PathUse, PathUse]>([
  ["one path", false, { writePaths: ["/p/a"] }, { writePaths: ["/p/a"] }],
  ["a directory and what is in it", false, { writePaths: ["/p"] }, { writePaths: ["/p/a/b"] }],
  ["what is in a directory and the directory", false, { writePaths: ["/p/a/b"] }, { writePaths: ["/p/a"] }],
  ["the root and anything", false, { writePaths: ["/"] }, { writePaths: ["/p"] }],
  ["two spellings of one path", false, { writePaths: ["/p/A"] }, { writePaths: ["/p/a"] }],
  ["everything and a path", false, { writePaths: null }, { writePaths: ["/p/a"] }],
  ["everything and everything", false, { writePaths: null }, { writePaths: null }],
  ["a path and everything", false, { writePaths: ["/p/a"] }, { writePaths: null }],
  ["a write and a read of it", false, { writePaths: ["/p/a"] }, { writePaths: [], readPaths: ["/p"] }],
  ["a read and a write of it", false, { writePaths: [], readPaths: null }, { writePaths: ["/p"] }],
  ["two paths", true, { writePaths: ["/p/a"] }, { writePaths: ["/p/b"] }],
  ["a path and a longer name", true, { writePaths: ["/p/a"] }, { writePaths: ["/p/ab"] }],
  ["two reads", true, { writePaths: [], readPaths: ["/p"] }, { writePaths: [], readPaths: null }],
  ["everything and nothing", true, { writePaths: null }, { writePaths: [] }],
])("%s: the later is clear at once: %s", (_title, isClear, first, second) => {
  const order = new PathOrder();
  const earlier = order.enter(first);
  const later = order.enter(second);
  expect([earlier.isClear, later.isClear]).toEqual([true, isClear]);
  order.leave(earlier);
  expect(later.isClear).toBe(true);
});

test("a ticket is clear exactly when no earlier one that is still there touches the same", () => {
  const paths = fc.subarray(["/p", "/p/a", "/p/a/x", "/p/b", "/q"]);
  const use = fc.record({ writePaths: fc.oneof({ weight: 6, arbitrary: paths }, fc.constant(null)) });
  const step = fc.oneof(use, fc.nat({ max: 20 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const order = new PathOrder();
      const present: { readonly use: PathUse; readonly ticket: PathTicket }[] = [];
      for (const next of steps) {
        if (typeof next === "number") {
          const [left] = present.splice(next % (present.length || 1), 1);
          if (left !== undefined) {
            order.leave(left.ticket);
            order.leave(left.ticket);
          }
        } else {
          present.push({ use: next, ticket: order.enter(next) });
        }
        for (const [index, { use: own, ticket }] of present.entries()) {
          expect(ticket.isClear).toBe(present.slice(0, index).every((earlier) => areApart(earlier.use, own)));
        }
      }
    }),
  );
});

function areApart({ writePaths: first }: PathUse, { writePaths: second }: PathUse): boolean {
  if (first === null || second === null) return (first ?? second)?.length === 0;
  return first.every((one) =>
    second.every((two) => !`${one}/`.startsWith(`${two}/`) && !`${two}/`.startsWith(`${one}/`)),
  );
}
