import type { ConfinedResult, Sandbox } from "../sandbox.ts";
import { type Advice, advise, readMachineFacts } from "./doctor-advice.ts";
import type { DoctorCheck, DoctorSite } from "./doctor-check.ts";
import { fileChecks } from "./doctor-files.ts";
import { limitChecks } from "./doctor-limits.ts";
import { askPublished, networkChecks } from "./doctor-network.ts";
import { processChecks } from "./doctor-processes.ts";
import { secretChecks } from "./doctor-secrets.ts";
import { type OpenedSite, openSite } from "./doctor-site.ts";

export interface Finding {
  readonly rule: string;
  readonly expected: string;
  /** What happened, in one line. */
  readonly observed: string;
  readonly isHeld: boolean;
}

export interface Examination {
  readonly enforcement: Sandbox["enforcement"];
  readonly enforcementReason: string;
  /** Empty when the kernel does not confine: nothing is tried then. */
  readonly findings: readonly Finding[];
  /** What this machine does not permit. With `enforcement: kernel` these are limits that hold less strictly, no failures. */
  readonly advice: readonly Advice[];
}

/** Tries every rule in throw-away sandboxes, several at once. Leaves nothing behind. */
export async function examine(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<Examination> {
  await using opened = await openSite(options.environment);
  const { sandboxes, site } = opened;
  const { enforcement, enforcementReason } =
    Object.values(sandboxes).find((sandbox) => sandbox.enforcement !== "kernel") ?? sandboxes.project;
  const limitWarnings = sandboxes.limits.warnings.filter(({ code }) => code === "limit_unavailable");
  const facts = readMachineFacts({
    searchPath: options.environment["PATH"] ?? "",
    limitWarnings: limitWarnings.map(({ message }) => message.replace(/^limits: /, "")),
  });
  const advice = advise(facts, enforcement === "kernel");
  if (site === null) return { enforcement, enforcementReason, findings: [], advice };
  return { enforcement, enforcementReason, findings: await tryAll(allChecks(site), opened, site), advice };
}

function allChecks(site: DoctorSite): readonly DoctorCheck[] {
  return [...fileChecks(site), ...secretChecks(site), ...networkChecks(site), ...processChecks(site), ...limitChecks()];
}

const AT_ONCE = 6; // they share two cores with whatever else runs

async function tryAll(checks: readonly DoctorCheck[], { sandboxes }: OpenedSite, site: DoctorSite): Promise<Finding[]> {
  const findings: Finding[] = [];
  const asking = new AbortController();
  const asked = askPublished(site.publishedPort, asking.signal);
  const queue = checks.entries();
  const worker = async (): Promise<void> => {
    for (const [index, check] of queue) {
      const { place = "project" } = check;
      findings[index] = await tryOut(sandboxes[place === "plan" ? "project" : place], check, index);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    asking.abort();
    await asked;
  }
  return findings;
}

async function tryOut(sandbox: Sandbox, check: DoctorCheck, index: number): Promise<Finding> {
  const { rule, expected } = check;
  try {
    const result = await sandbox.run({
      argv: ["bash", "--noprofile", "--norc", "-c", check.script],
      clientId: `doctor-${index}`,
      isReadOnly: check.place === "plan",
      timeoutMs: check.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
    const isOver = check.timeoutMs !== undefined || !result.isTimedOut;
    return { rule, expected, observed: describe(check, result), isHeld: isOver && (await check.holds(result)) };
  } catch (error) {
    return { rule, expected, observed: `it could not be tried: ${String(error)}`, isHeld: false };
  }
}

const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_OBSERVED = 60; // characters: a line of the table

function describe(check: DoctorCheck, result: ConfinedResult): string {
  const end = result.isTimedOut ? "time limit" : `exit ${result.exitCode ?? result.signal}`;
  if (check.isSecret === true) return `${end}, ${result.output.length} characters`;
  const lines = result.output
    .trim()
    .replaceAll(/koda-doctor-[0-9a-f-]{36}/g, "FILE")
    .replaceAll("\t", " ")
    .split("\n");
  // Of the shell's own complaints, what it says about the file or call, not where in the script.
  const last = (lines.at(-1) ?? "").replace(/^bash: (?:line \d+: )?/, "").replaceAll(/[^\x20-\x7e]/g, "?");
  if (last === "") return end;
  return `${end}: ${last.length > MAX_OBSERVED ? `…${last.slice(-MAX_OBSERVED)}` : last}`;
}
