import { type KillPhase, killPhases } from "./kill-phase.ts";
import type { Interruptions } from "./settled-transcript.ts";

/** What a crash run has found. */
export interface CrashReport {
  readonly seed: number;
  readonly nodeVersion: string;
  readonly kills: number;
  readonly sessions: number;
  readonly prompts: number;
  /** Processes that were done before their kill came. */
  readonly undisturbedLives: number;
  readonly requests: number;
  readonly phases: Readonly<Record<KillPhase, number>>;
  readonly interruptions: Interruptions;
  readonly durationMs: number;
  /** Each names the kill after which it was found. */
  readonly violations: readonly string[];
}

/** The report as people read it. */
export function formatReport(report: CrashReport): string {
  const { interruptions, phases, kills, durationMs, violations } = report;
  const rows: readonly (readonly [string, string | number])[] = [
    ["seed", report.seed],
    ["Node", report.nodeVersion],
    ["kills", kills],
    ...killPhases.map((phase) => [`  ${phase}`, phases[phase]] as const),
    ["processes that were done before their kill", report.undisturbedLives],
    ["sessions", report.sessions],
    ["prompts", report.prompts],
    ["requests to the model", report.requests],
    ["interruptions on record", interruptions.cutAnswers + interruptions.unknownCalls + interruptions.callsNotRun],
    ["  answers cut off", interruptions.cutAnswers],
    ["  calls with an unknown outcome", interruptions.unknownCalls],
    ["  calls not run", interruptions.callsNotRun],
    ["reading calls that Koda ran again", interruptions.rerunReads],
    ["calls that the model made again", interruptions.repeatedCalls],
    ["looks of the model after an interruption", interruptions.looks],
    ["time per kill", `${Math.round(durationMs / Math.max(1, kills))} ms`],
    ["violations", violations.length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return [
    ...rows.map(([name, value]) => `${name.padEnd(width)}${value}`),
    ...violations.map((text) => `! ${text}`),
  ].join("\n");
}

export function sumInterruptions(all: readonly Interruptions[]): Interruptions {
  const sum = (field: keyof Interruptions): number => all.reduce((total, one) => total + one[field], 0);
  return {
    cutAnswers: sum("cutAnswers"),
    unknownCalls: sum("unknownCalls"),
    callsNotRun: sum("callsNotRun"),
    rerunReads: sum("rerunReads"),
    repeatedCalls: sum("repeatedCalls"),
    looks: sum("looks"),
  };
}
