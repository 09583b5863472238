import { expect, test } from "vitest";
import { recall, remember, toHistory } from "./prompt-history.ts";

test("Up goes back in time, Down forward to what was being written", () => {
  const start = toHistory(["one", "two"]);
  const older = recall(start, "older", "draft");
  expect(older?.text).toBe("two");
  const oldest = recall(older?.history ?? start, "older", "two");
  expect(oldest?.text).toBe("one");
  expect(recall(oldest?.history ?? start, "older", "one")).toBeNull();
  const newer = recall(oldest?.history ?? start, "newer", "one");
  expect(recall(newer?.history ?? start, "newer", "two")?.text).toBe("draft");
});

test("a prompt sent twice in a row is kept once", () => {
  expect(remember(toHistory(["one", "two"]), "two").entries).toEqual(["one", "two"]);
});
