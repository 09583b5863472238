import { createRequire } from "node:module";
import { SandboxError } from "../errors.ts";
import { NOT_RUN_STATUS } from "./not-run-status.ts";

const USAGE = `koda-sandbox: runs programs confined by the kernel, behind a host filter

  koda-sandbox run [options] -- CMD [ARGS]   run one command confined; "koda-sandbox run --help" for the options
  koda-sandbox proxy [options]               run the filtering proxies alone
  koda-sandbox connect HOST PORT             stdin and stdout to a host through the proxy of the environment
  koda-sandbox doctor [--json]               try out every rule on this machine
  koda-sandbox --version
`;

/** The program. Sets the exit status; 2 for a wrong use, 1 for a failure of its own, which is 125 for `run`. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    process.exitCode = await dispatch(args);
  } catch (error) {
    const code = error instanceof SandboxError ? ` (${error.code})` : "";
    process.stderr.write(`koda-sandbox: ${error instanceof Error ? error.message : String(error)}${code}\n`);
    process.exitCode = args[0] === "run" ? NOT_RUN_STATUS : 1;
  }
}

async function dispatch([command, ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case "run":
      return (await import("./run.ts")).runCommand(rest);
    case "proxy":
      return (await import("./proxy.ts")).runProxy(rest);
    case "connect":
      return (await import("./connect.ts")).runConnect(rest);
    case "doctor":
      return (await import("./doctor.ts")).runDoctor(rest);
    case "--version":
    case "-V":
      process.stdout.write(`${readVersion()}\n`);
      return 0;
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(USAGE);
      return 0;
    default:
      process.stderr.write(USAGE);
      return 2;
  }
}

/** Of this package, whose own name is resolved: the same from its sources and from what is built. */
function readVersion(): string {
  const { version } = createRequire(import.meta.url)("@koda/sandbox/package.json") as { version: string }; // npm wants one
  return version;
}
