import { join } from "node:path";
import type { Sandbox } from "../sandbox.ts";

/** As env(1), timeout(1) and shells have it. */
export type StartFailure =
  /** There is no such program inside. */
  | { readonly status: 127; readonly message: string }
  /** It is there, and the kernel does not execute it. */
  | { readonly status: 126; readonly message: string };

/**
 * Why a command did not start: looks for its program inside the sandbox, where a place may be hidden that is seen outside. Null when nothing is
 * wrong with the program, so that the sandbox itself failed. Never rejects.
 */
export async function findStartFailure(
  sandbox: Sandbox,
  program: string,
  searchPath: string,
): Promise<StartFailure | null> {
  const argv = ["/bin/sh", "-c", LOOK, "sh", ...placesOf(program, searchPath)] as const;
  const { exitCode } = await sandbox
    .run({ argv, clientId: "look", isReadOnly: true, timeoutMs: LOOK_TIMEOUT_MS })
    .catch(() => ({ exitCode: null })); // nothing can be started
  const name = JSON.stringify(program);
  switch (exitCode) {
    case 127:
      return { status: 127, message: `not found inside the sandbox: ${name}` };
    case 126:
      return { status: 126, message: `it is no program that can be executed: ${name}` };
    default:
      return null;
  }
}

const LOOK_TIMEOUT_MS = 10_000; // takes 30 ms
const DEFAULT_SEARCH_PATH = "/bin:/usr/bin"; // execvp(3) without PATH

/** A script counts as not executable: it would have been started, were it not for its interpreter. */
const LOOK = `status=127
for place do
  [ -e "$place" ] || continue
  status=126
  if [ -f "$place" ] && [ -x "$place" ]; then
    IFS= read -r line < "$place" 2>/dev/null
    case "$line" in "#!"*) ;; *) exit 0 ;; esac
  fi
done
exit $status`;

/** Where execvp(3) looks; an empty entry is the current directory. */
function placesOf(program: string, searchPath: string): readonly string[] {
  if (program === "" || program.includes("/")) return [program];
  return (searchPath || DEFAULT_SEARCH_PATH).split(":").map((directory) => join(directory || ".", program));
}
