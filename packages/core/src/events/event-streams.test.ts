import { expect, test } from "vitest";
import type { EngineEvent } from "./engine-event.ts";
import { EventStreams } from "./event-streams.ts";

const step = (number: number): EngineEvent => ({ type: "step-start", step: number });

async function readAll(stream: AsyncIterable<EngineEvent>): Promise<EngineEvent[]> {
  const read: EngineEvent[] = [];
  for await (const event of stream) read.push(event);
  return read;
}

test("a stream has everything from when it was opened, whoever else reads and however slowly", async () => {
  const streams = new EventStreams();
  const whole = streams.open();
  const slow = streams.open({ limit: 1 });
  streams.push(step(1));
  const late = streams.open();
  streams.push(step(2));
  streams.close();
  expect(await readAll(whole)).toEqual([step(1), step(2)]);
  expect(await readAll(slow)).toEqual([{ type: "gap", missed: 1 }, step(2)]);
  expect(await readAll(late)).toEqual([step(2)]);
});

test("a stream whose reader has left gets nothing more; the others do", async () => {
  const streams = new EventStreams();
  const [left, stays] = [streams.open(), streams.open()];
  streams.push(step(1));
  for await (const _event of left) break;
  streams.push(step(2));
  streams.close();
  expect(await readAll(left)).toEqual([]);
  expect(await readAll(stays)).toEqual([step(1), step(2)]);
});
