import { runDoctor } from "@koda/sandbox/doctor";
import { type ExitCode, exitCode } from "../exit-code.ts";

/** `koda doctor`: every rule of the sandbox, tried live on this machine. */
export async function runDoctorCommand(options: { readonly isJson: boolean }): Promise<ExitCode> {
  const isHealthy = (await runDoctor(options.isJson ? ["--json"] : [])) === 0;
  return isHealthy ? exitCode.done : exitCode.error;
}
