import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createFilter } from "../filter/filter.ts";
import { openSandbox } from "../open-sandbox.ts";
import { createPolicy } from "../policy/policy.ts";
import type { Sandbox } from "../sandbox.ts";
import { type DoctorCheck, doctorChecks } from "./doctor-checks.ts";

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
}

const CHECK_TIMEOUT_MS = 10_000;

/** Tries every rule in a throw-away project. Leaves nothing behind. */
export async function examine(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<Examination> {
  await using stack = new AsyncDisposableStack();
  const makeDirectory = async (): Promise<string> => {
    const path = await mkdtemp("/tmp/koda-doctor-");
    stack.defer(() => rm(path, { recursive: true, force: true }));
    return path;
  };
  const project = await makeDirectory();
  const hostTmp = await makeDirectory();
  await promisify(execFile)("git", ["init", "--quiet", project]);
  await writeFile(join(hostTmp, "file"), "");
  const listen = async (where: string | { host: string; port: number }): Promise<number> => {
    const server = createServer((socket) => socket.destroy());
    server.listen(where);
    await once(server, "listening");
    stack.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    return typeof where === "string" ? 0 : (server.address() as AddressInfo).port; // TCP: not a pipe name
  };
  await listen(join(hostTmp, "socket"));
  const hostPort = await listen({ host: "127.0.0.1", port: 0 });
  const secret = randomUUID();
  const sandbox = stack.use(
    await openSandbox({
      policy: createPolicy({ projectRoot: project, home: homedir(), privateDirs: [await makeDirectory()] }),
      filter: createFilter({}),
      searchPath: options.environment["PATH"] ?? "",
      environment: { ...options.environment, KODA_DOCTOR_TOKEN: secret, AWS_SECRET_ACCESS_KEY: secret },
    }),
  );
  const { enforcement, enforcementReason } = sandbox;
  if (enforcement !== "kernel") return { enforcement, enforcementReason, findings: [] };
  const marker = `koda-doctor-${randomUUID()}`;
  const proxyPort = sandbox.proxy?.port ?? null;
  const checks = doctorChecks({ project, home: homedir(), marker, secret, hostTmp, hostPort, proxyPort });
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await tryOut(sandbox, check)); // one by one: they look at the same files
  return { enforcement, enforcementReason, findings };
}

async function tryOut(sandbox: Sandbox, check: DoctorCheck): Promise<Finding> {
  const result = await sandbox.run({
    argv: ["bash", "--noprofile", "--norc", "-c", check.script],
    clientId: "doctor",
    isReadOnly: check.mode === "plan",
    timeoutMs: CHECK_TIMEOUT_MS,
  });
  const isHeld = !result.isTimedOut && check.holds(result);
  const lastLine = result.output.trim().split("\n").at(-1) ?? "";
  const observed = isHeld ? "as expected" : `exit ${result.exitCode ?? result.signal}: ${lastLine}`;
  return { rule: check.rule, expected: check.expected, observed, isHeld };
}
