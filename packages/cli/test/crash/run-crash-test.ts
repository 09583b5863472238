import { type CrashReport, sumInterruptions } from "./crash-report.ts";
import { CrashingSession, type LifeReport } from "./crashing-session.ts";
import { type KillPhase, killPhases } from "./kill-phase.ts";
import { compareFiles } from "./project-files.ts";
import { createRandom } from "./seeded-random.ts";
import { compareTranscripts, type Interruptions } from "./settled-transcript.ts";
import { openWatchedServer } from "./watched-server.ts";

/** Few, so that first prompts, and databases that are just being made, are met often. */
const promptsPerSession = 3;

export interface CrashTestOptions {
  readonly kills: number;
  /** Decides at which part of a life each kill comes. */
  readonly seed: number;
  /** Told what each kill met. */
  readonly onKill?: ((kill: number, report: LifeReport) => void) | undefined;
}

/**
 * Runs the built program on a scripted model, kills it at random instants, uniform over what a life takes when nothing
 * disturbs it, and goes on until `kills` processes were killed. Every kill is followed by a look at what is left, every
 * session by a comparison with one that nothing disturbed.
 */
export async function runCrashTest({ kills, seed, onKill }: CrashTestOptions): Promise<CrashReport> {
  await using server = await openWatchedServer();
  const random = createRandom(seed);
  const violations: string[] = [];
  const phases = Object.fromEntries(killPhases.map((phase) => [phase, 0])) as Record<KillPhase, number>;
  const interruptions: Interruptions[] = [];
  let killed = 0;
  let sessions = 0;
  let undisturbedLives = 0;

  await using calm = await CrashingSession.open(server, promptsPerSession);
  let wholeLifeMs = 0;
  while (!calm.isDone) {
    const { lifeMs, faults } = await calm.live(null);
    if (faults.length > 0) throw new Error(`without any kill: ${faults.join("\n")}`);
    wholeLifeMs = Math.max(wholeLifeMs, lifeMs);
  }
  const undisturbed = await calm.settle();

  const startedAtMs = performance.now();
  const requestsBefore = server.requestCount();
  while (killed < kills) {
    sessions += 1;
    await using session = await CrashingSession.open(server, promptsPerSession);
    while (!session.isDone) {
      const report = await session.live(killed < kills ? random() * wholeLifeMs : null);
      if (report.phase === null) undisturbedLives += 1;
      else {
        killed += 1;
        phases[report.phase] += 1;
        onKill?.(killed, report);
      }
      violations.push(...report.faults.map((fault) => `kill ${killed} (${report.phase ?? "none"}): ${fault}`));
      // A session that went wrong may never come to its end.
      if (report.faults.length > 0) break;
    }
    if (!session.isDone) continue;
    const settled = await session.settle();
    interruptions.push(...settled.turns.map((turn) => turn.interruptions));
    const differences = [
      ...compareTranscripts(undisturbed.turns, settled.turns),
      ...compareFiles(undisturbed.files, settled.files),
    ];
    violations.push(...differences.map((difference) => `session ${sessions}, after kill ${killed}: ${difference}`));
  }
  return {
    seed,
    nodeVersion: process.version,
    kills: killed,
    sessions,
    prompts: sessions * promptsPerSession,
    undisturbedLives,
    requests: server.requestCount() - requestsBefore,
    phases,
    interruptions: sumInterruptions(interruptions),
    durationMs: performance.now() - startedAtMs,
    violations,
  };
}
