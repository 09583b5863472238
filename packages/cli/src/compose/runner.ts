import type { Runner } from "@koda/core";
import type { Sandbox } from "@koda/sandbox";

/** The sandbox as core's Runner: `bash -c`, the same on every machine, with no start-up file read. */
export function toRunner(sandbox: Sandbox, options: { readonly cwd: string }): Runner {
  return {
    enforcement: sandbox.enforcement,
    async run(request, { signal }) {
      const result = await sandbox.run({
        argv: ["bash", "--noprofile", "--norc", "-c", request.command],
        cwd: options.cwd,
        clientId: request.callId,
        isReadOnly: request.isReadOnly,
        timeoutMs: request.timeoutMs,
        signal,
        ...(request.onOutput === undefined ? {} : { onOutput: request.onOutput }),
      });
      return { ...result, violations: result.violations.map((violation) => violation.message) };
    },
  };
}
