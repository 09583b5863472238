import fc from "fast-check";
import { expect, test } from "vitest";
import type { LaneName } from "../../src/events/engine-event.ts";
import { laneNames } from "../../src/lanes/lane-limits.ts";
import { LaneQueue } from "../../src/lanes/lane-queue.ts";

interface Job {
  readonly number: number;
  readonly lane: LaneName;
  readonly writePaths: readonly string[] | null;
  readonly stop: AbortController;
  state: "waiting" | "running" | "over";
  settlements: number;
  end: (error: Error | null) => void;
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant("submit" as const),
      lane: fc.constantFrom(...laneNames),
      writePaths: fc.oneof({ weight: 5, arbitrary: fc.subarray(["/p", "/p/a", "/p/b", "/q"]) }, fc.constant(null)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constantFrom("end" as const, "fail" as const, "abort" as const), pick: fc.nat(30) }),
  },
);

const caps = fc.record({
  control: fc.integer({ min: 1, max: 2 }),
  query: fc.integer({ min: 1, max: 3 }),
  execute: fc.integer({ min: 1, max: 2 }),
  generate: fc.constant(1),
});

test("caps hold, priority and path order are kept, and every job settles exactly once, whatever happens when", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      caps,
      fc.integer({ min: 1, max: 8 }),
      async (steps, lanes, maxTotal) => {
        const queue = new LaneQueue({ now: () => 0, caps: lanes, maxTotal, metrics: "on" });
        queue.start();
        const jobs: Job[] = [];
        const check = (): void => checkInvariants(jobs, { lanes, maxTotal });
        for (const next of steps) {
          if (next.act === "submit") submit(queue, jobs, next);
          else {
            const job = jobs[next.pick % (jobs.length || 1)];
            if (next.act === "abort") job?.stop.abort(new Error("aborted"));
            else if (job?.state === "running") job.end(next.act === "end" ? null : new Error("failed"));
          }
          await settled();
          check();
        }
        while (jobs.some(({ state }) => state === "running")) {
          jobs.find(({ state }) => state === "running")?.end(null);
          await settled();
          check();
        }
        expect(jobs.map(({ state, settlements }) => [state, settlements])).toEqual(jobs.map(() => ["over", 1]));
        expect(queue.stats()).toMatchObject({ pending: 0, active: 0 });
        const counts = Object.values(queue.metrics() ?? {});
        const sum = (pick: (lane: (typeof counts)[number]) => number): number =>
          counts.reduce((all, lane) => all + pick(lane), 0);
        expect(sum((lane) => lane.submitted)).toBe(jobs.length);
        expect(sum((lane) => lane.completed + lane.failed + lane.cancelled)).toBe(jobs.length);
        await queue.stop();
      },
    ),
    { numRuns: 150 },
  );
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function submit(queue: LaneQueue, jobs: Job[], { lane, writePaths }: Pick<Job, "lane" | "writePaths">): void {
  const job: Job = {
    number: jobs.length,
    lane,
    writePaths,
    stop: new AbortController(),
    state: "waiting",
    settlements: 0,
    end: () => undefined,
  };
  jobs.push(job);
  const over = (): void => {
    job.state = "over";
    job.settlements += 1;
  };
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      expect(job.state).toBe("waiting");
      job.state = "running";
      job.end = (error) => (error === null ? resolve() : reject(error));
    });
  queue.run({ lane, name: String(job.number), writePaths, signal: job.stop.signal, run }).then(over, over);
}

/** What is true whenever nothing more can start. */
function checkInvariants(
  jobs: readonly Job[],
  { lanes, maxTotal }: { readonly lanes: Readonly<Record<LaneName, number>>; readonly maxTotal: number },
): void {
  const running = jobs.filter(({ state }) => state === "running");
  const activeOf = (lane: LaneName): number => running.filter((job) => job.lane === lane).length;
  expect(running.length).toBeLessThanOrEqual(maxTotal);
  for (const lane of laneNames) expect(activeOf(lane)).toBeLessThanOrEqual(lanes[lane]);
  for (const job of running) {
    for (const earlier of jobs.slice(0, job.number)) {
      if (earlier.state !== "over") expect(areApart(earlier, job)).toBe(true);
    }
  }
  // No job waits that could run: there is a slot for it, and nothing earlier on its paths.
  for (const job of jobs) {
    if (job.state !== "waiting" || running.length >= maxTotal || activeOf(job.lane) >= lanes[job.lane]) continue;
    expect(jobs.slice(0, job.number).every((earlier) => earlier.state === "over" || areApart(earlier, job))).toBe(
      false,
    );
  }
}

function areApart({ writePaths: first }: Job, { writePaths: second }: Job): boolean {
  if (first === null || second === null) return (first ?? second)?.length === 0;
  return first.every((one) =>
    second.every((two) => !`${one}/`.startsWith(`${two}/`) && !`${two}/`.startsWith(`${one}/`)),
  );
}

test("when lanes compete for one slot, what starts next is the earliest of the first lane that has work", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...laneNames), { minLength: 1, maxLength: 20 }), async (lanes) => {
      const queue = new LaneQueue({ now: () => 0, maxTotal: 1 });
      const started: number[] = [];
      const results = lanes.map((lane, number) =>
        queue.run({
          lane,
          name: lane,
          writePaths: [],
          signal: new AbortController().signal,
          run: async () => started.push(number),
        }),
      );
      queue.start();
      await Promise.all(results);
      const order = lanes.map((lane, number) => ({ rank: laneNames.indexOf(lane), number }));
      expect(started).toEqual(
        order.toSorted((a, b) => a.rank - b.rank || a.number - b.number).map(({ number }) => number),
      );
    }),
  );
});
