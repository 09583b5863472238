import { createFilter, createPolicy, openSandbox } from "@koda/sandbox";
import { toPolicyInput } from "../koda-policy.ts";
import type { OpenPeer } from "../opened-peer.ts";

/** `openSandbox` once, then `run` for every command, with everything on: both proxies, credentials for each command, its violations. */
export const open: OpenPeer = async (place) => {
  const sandbox = await openSandbox({
    policy: createPolicy(toPolicyInput(place)),
    filter: createFilter({ allow: ["example.com"] }),
    searchPath: process.env["PATH"] ?? "",
    environment: process.env,
  });
  if (sandbox.enforcement !== "kernel") {
    await sandbox[Symbol.asyncDispose]();
    throw new Error(sandbox.enforcementReason);
  }
  let calls = 0;
  return {
    run: async (argv) => {
      calls += 1;
      const result = await sandbox.run({
        argv: [...argv],
        clientId: `call-${calls}`,
        isReadOnly: false,
        timeoutMs: 60_000,
      });
      if (result.exitCode !== 0) throw new Error(`ended with ${result.exitCode ?? result.signal}: ${result.output}`);
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
};
