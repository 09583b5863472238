import { expect, test } from "vitest";
import type { EngineEvent } from "../../src/events/engine-event.ts";
import { createProbeTool } from "../fakes/probe-tool.ts";
import { collect, Workbench } from "../fakes/workbench.ts";

test("a reader that does not read slows no turn and takes nothing from another; it is told what it missed", async () => {
  await using bench = new Workbench();
  const tools = [createProbeTool({ effect: "read-only" })];
  const calls = Array.from({ length: 10 }, (_, index) => ({ name: "Probe", input: { value: String(index) } }));
  const { session } = await bench.open([{ calls }, { text: "done" }], { tools });
  const slow = session.events({ limit: 4 });
  const quick = session.events();
  const told = await collect(session, "go");
  await session[Symbol.asyncDispose]();

  const read = async (events: AsyncIterable<EngineEvent>): Promise<EngineEvent[]> => {
    const all: EngineEvent[] = [];
    for await (const event of events) all.push(event);
    return all;
  };
  expect(await read(quick)).toEqual(told);
  expect(await read(slow)).toEqual([{ type: "gap", missed: told.length - 4 }, ...told.slice(-4)]);
});
