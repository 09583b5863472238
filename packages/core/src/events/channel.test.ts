import { expect, test } from "vitest";
import { Channel } from "./channel.ts";

test("items come out in order, those pushed before and while reading, and closing ends it", async () => {
  const channel = new Channel<number>();
  channel.push(1);
  channel.push(2);
  const read: number[] = [];
  const reading = (async () => {
    for await (const item of channel) {
      read.push(item);
      if (item === 2) queueMicrotask(() => channel.push(3));
      if (item === 3) setImmediate(() => channel.close());
    }
  })();
  await reading;
  expect(read).toEqual([1, 2, 3]);
});

test("what was pushed before closing is still read, what comes after is not", async () => {
  const channel = new Channel<number>();
  channel.push(1);
  channel.close();
  channel.push(2);
  const read: number[] = [];
  for await (const item of channel) read.push(item);
  expect(read).toEqual([1]);
});
