import { setTimeout as sleep } from "node:timers/promises";
import { type Place, startKoda } from "../run-koda.ts";

/** One life of the program: from its start to its end, by itself or by SIGKILL. */
export interface Life {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly lifeMs: number;
  /** Something still held the ends of its pipes a while after its death. */
  readonly isHeldOpen: boolean;
}

/** Far longer than any life of this workload. */
const hangMs = 60_000;

/** Starts Koda and kills it, and only it, after `killAfterMs`; null: never. One that hangs is killed too, and rejects. */
export async function liveOnce(
  place: Place,
  { args, killAfterMs }: { readonly args: readonly string[]; readonly killAfterMs: number | null },
): Promise<Life> {
  const startedAtMs = performance.now();
  const { child, done } = startKoda(place, args);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.on("data", (text: string) => {
    stderr += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs ?? hangMs);
  const code = await exited;
  clearTimeout(timer);
  const lifeMs = performance.now() - startedAtMs;
  if (killAfterMs === null && code === null) throw new Error(`koda ${args.join(" ")} hung:\n${stdout}\n${stderr}`);
  const grace = new AbortController();
  const isHeldOpen = await Promise.race([
    done.then(() => false),
    sleep(5_000, true, { signal: grace.signal }).catch(() => false),
  ]);
  grace.abort();
  return { code, stdout, stderr, lifeMs, isHeldOpen };
}
