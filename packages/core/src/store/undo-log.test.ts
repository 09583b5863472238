import fc from "fast-check";
import { expect, test } from "vitest";
import { UndoLog } from "./undo-log.ts";

type Change =
  | { readonly kind: "set"; readonly key: number; readonly value: number }
  | { readonly kind: "remove"; readonly key: number }
  | { readonly kind: "push"; readonly value: number }
  | { readonly kind: "assign"; readonly value: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), key: fc.nat(4), value: fc.nat(9) }),
  fc.record({ kind: fc.constant("remove" as const), key: fc.nat(4) }),
  fc.record({ kind: fc.constant("push" as const), value: fc.nat(9) }),
  fc.record({ kind: fc.constant("assign" as const), value: fc.nat(9) }),
);

function openState(): {
  readonly apply: (changes: readonly Change[]) => void;
  readonly picture: () => unknown;
  readonly log: UndoLog;
} {
  const log = new UndoLog();
  const map = new Map<number, number>();
  const list: number[] = [];
  const target = { value: 0 };
  const apply = (changes: readonly Change[]): void => {
    for (const each of changes) {
      if (each.kind === "set") log.set(map, each.key, each.value);
      else if (each.kind === "remove") log.remove(map, [each.key]);
      else if (each.kind === "push") log.push(list, each.value);
      else log.assign(target, { value: each.value });
    }
  };
  return { log, apply, picture: () => structuredClone([[...map], list, target]) };
}

test("whatever was changed is as it was before, order and all, when the act throws", () => {
  fc.assert(
    fc.property(fc.array(change), fc.array(change), (kept, undone) => {
      const { log, apply, picture } = openState();
      log.transaction(() => apply(kept));
      const before = picture();
      expect(() =>
        log.transaction(() => {
          apply(undone);
          throw new Error("no");
        }),
      ).toThrow("no");
      expect(picture()).toEqual(before);
    }),
  );
});

test("an inner act that throws and is caught takes back its own changes alone", () => {
  fc.assert(
    fc.property(fc.array(change), fc.array(change), fc.array(change), (first, undone, last) => {
      const [tried, plain] = [openState(), openState()];
      plain.apply([...first, ...last]);
      tried.log.transaction(() => {
        tried.apply(first);
        expect(() =>
          tried.log.transaction(() => {
            tried.apply(undone);
            throw new Error("no");
          }),
        ).toThrow("no");
        tried.apply(last);
      });
      expect(tried.picture()).toEqual(plain.picture());
    }),
  );
});
