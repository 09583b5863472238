import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AttackSite, openAttackSite } from "./attack-site.ts";

const TREES = 200;
const AT_ONCE = 4;
const SEED = Number(process.env["KODA_TEST_SEED"] ?? Date.now() % 1_000_000);

/** A command and how it detaches what it starts; `leaf` carries the marker in its arguments. */
type Tree =
  | { readonly kind: "leaf" }
  | { readonly kind: Exclude<keyof typeof WRAP, "leaf">; readonly children: readonly Tree[] };

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** How a shell starts `script` so that it outlives its starter as well as it can. */
const WRAP = {
  plain: (script: string) => `bash -c ${quote(script)} &`,
  setsid: (script: string) => `setsid bash -c ${quote(script)} >/dev/null 2>&1 &`,
  doubleFork: (script: string) => `( ( bash -c ${quote(script)} & ) & )`,
  nohup: (script: string) => `nohup bash -c ${quote(script)} >/dev/null 2>&1 & disown`,
  deaf: (script: string) => `bash -c ${quote(`trap "" TERM HUP INT QUIT USR1 PIPE; ${script}; wait`)} &`,
  respawning: (script: string) => `bash -c ${quote(`trap ${quote(script)} EXIT TERM; sleep 0.01`)} &`,
  jobControl: (script: string) => `bash -c ${quote(`set -m; bash -c ${quote(script)} & disown -a`)} &`,
  daemon: (script: string) => `setsid -f bash -c ${quote(script)} </dev/null >/dev/null 2>&1`,
  coprocess: (script: string) => `coproc ( bash -c ${quote(script)} ) 2>/dev/null`,
} as const;

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant({ kind: "leaf" } as const),
    fc.record({
      kind: fc.constantFrom(...(Object.keys(WRAP) as (keyof typeof WRAP)[])),
      children: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).tree;

/** How the call itself ends. */
const ending = fc.constantFrom("exit", "wait", "time limit", "abort", "killed by itself");

function toScript(node: Tree, marker: string): string {
  if (node.kind === "leaf") return `setsid -f sleep 600.${marker}; sleep 600.${marker} &`;
  return WRAP[node.kind](node.children.map((child) => toScript(child, marker)).join("\n"));
}

let it: AttackSite;
beforeAll(async () => {
  it = await openAttackSite();
});
afterAll(() => it[Symbol.asyncDispose]());

test(`of ${TREES} random command trees no process is left when their call ends, seed ${SEED} [LN-13]`, async () => {
  const cases = fc.sample(fc.tuple(tree, ending), { numRuns: TREES, seed: SEED });
  const left: unknown[] = [];
  const runOne = async ([root, end]: (typeof cases)[number], index: number): Promise<void> => {
    const marker = `${process.pid}${String(index).padStart(4, "0")}`;
    const closing = {
      exit: "",
      wait: "wait",
      "time limit": "sleep 60",
      abort: "sleep 60",
      "killed by itself": '[ "$(cat /proc/1/comm)" = bwrap ] && kill -9 -1',
    }[end];
    const controller = new AbortController();
    const run = it.sh(`${toScript(root, marker)}\nsleep 0.0${index % 4}; echo ready; ${closing}`, {
      timeoutMs: end === "time limit" || end === "wait" ? 60 : 20_000,
      signal: controller.signal,
      onOutput: () => {
        if (end === "abort") controller.abort(new Error("abort"));
      },
    });
    await run.catch(() => null); // abort rejects; what matters is what is left
    if (running(marker) > 0) left.push({ root, end });
  };
  const queue = cases.map((each, index) => [each, index] as const);
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await runOne(...next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  expect(left).toEqual([]);
}, 120_000);

function running(marker: string): number {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`600.${marker}`);
    } catch {
      return false; // ended meanwhile
    }
  }).length;
}
