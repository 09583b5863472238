import { availableParallelism, cpus } from "node:os";
import { createFilter, type Filter, type Target } from "@koda/sandbox";
import { median } from "../statistics.ts";

/** Time of one decide() for filters of different sizes: a flat line is what the filter promises. */

const SIZES = [10, 1_000, 100_000];
const ROUNDS = 15;
const CALLS_PER_ROUND = 100_000;

interface Question {
  readonly title: string;
  /** The targets asked for in turn, all of the same kind, spread over the rules. */
  readonly targets: (size: number) => readonly Target[];
  readonly kind: "allow" | "deny";
}

const asked = 64;
const spread = (size: number, host: (index: number) => string): Target[] =>
  Array.from({ length: asked }, (_, index) => ({ host: host(Math.floor((index * size) / asked)), port: 443 }));

const questions: readonly Question[] = [
  { title: "exact hit", kind: "allow", targets: (size) => spread(size, (index) => `exact-${index}.example.com`) },
  {
    title: "one-label suffix",
    kind: "allow",
    targets: (size) => spread(size, (index) => `a.one-${index}.example.net`),
  },
  {
    title: "any-depth suffix",
    kind: "allow",
    targets: (size) => spread(size, (index) => `a.b.c.any-${index}.example.org`),
  },
  { title: "miss", kind: "deny", targets: (size) => spread(size, (index) => `a.b.miss-${index}.example.com`) },
  {
    title: "denied by a rule",
    kind: "deny",
    targets: (size) => spread(size, (index) => `denied-${index}.example.com`),
  },
];

const filters = SIZES.map((size) => ({ size, filter: createRules(size) }));
process.stdout.write(
  `${availableParallelism()} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}. ` +
    `ns per decide(), the median of ${ROUNDS} rounds of ${CALLS_PER_ROUND.toLocaleString("en-US")} calls. ` +
    "A filter of N has N rules of each of four kinds: exact, one-label suffix, any-depth suffix, deny.\n\n",
);
process.stdout.write(
  `| question | ${SIZES.map((size) => size.toLocaleString("en-US")).join(" | ")} | 100,000 ÷ 10 |\n`,
);
process.stdout.write(`| --- | ${SIZES.map(() => "---:").join(" | ")} | ---: |\n`);
for (const question of questions) {
  const times = measureInterleaved(question);
  const ratio = (times.at(-1) ?? Number.NaN) / (times[0] ?? Number.NaN);
  process.stdout.write(
    `| ${question.title} | ${times.map((ns) => ns.toFixed(0)).join(" | ")} | ${ratio.toFixed(2)} |\n`,
  );
}

function createRules(size: number): Filter {
  const each = (pattern: (index: number) => string): string[] =>
    Array.from({ length: size }, (_, index) => pattern(index));
  return createFilter({
    allow: [
      ...each((index) => `exact-${index}.example.com`),
      ...each((index) => `*.one-${index}.example.net`),
      ...each((index) => `**.any-${index}.example.org`),
    ],
    deny: each((index) => `denied-${index}.example.com`),
  });
}

/** The sizes take turns within each round, so that a busy machine slows all alike. */
function measureInterleaved({ title, targets, kind }: Question): number[] {
  const runs = filters.map(({ size, filter }) => ({ filter, targets: targets(size), times: [] as number[] }));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const run of runs) {
      const startedMs = performance.now();
      let hits = 0;
      for (let call = 0; call < CALLS_PER_ROUND; call += 1) {
        const target = run.targets[call % asked];
        if (target !== undefined && run.filter.decide(target).kind === kind) hits += 1;
      }
      const ns = ((performance.now() - startedMs) * 1e6) / CALLS_PER_ROUND;
      if (hits !== CALLS_PER_ROUND) throw new Error(`${title}: ${hits} of ${CALLS_PER_ROUND} verdicts were ${kind}`);
      if (round > 0) run.times.push(ns); // the first compiles
    }
  }
  return runs.map(({ times }) => median(times));
}
