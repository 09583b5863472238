import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/**
 * What stays inside a session's namespaces once the listeners are handed over: bash, waiting on its stdin. Killed with SIGKILL, Koda can end
 * nothing any more, and bubblewrap alone does not: a command that it was just about to start would run, or wait for ever, since "die with the
 * parent" takes effect only after a while. Then the guard's stdin ends, and it kills whatever is in the session's network namespace, or
 * still on its way there, and leaves too.
 */
const SCRIPT = `
"$1" --make-rprivate / || exit 1
shift
"$@"
status=$?
[ $status = 0 ] || exit $status
echo on guard
exec 3<&- 1>/dev/null 2>/dev/null
sweep() {
  for process in /proc/[0-9]*; do
    [ "$process/ns/net" -ef /proc/self/ns/net ] && [ "\${process##*/}" != $$ ] && kill -KILL "\${process##*/}"
  done
}
read -r order
sweep
[ "$order" = end ] && exit 0
exec 4<> <(:)
for pass in {1..20}; do
  read -t 0.05 -r -u 4
  sweep
done
exit 0
`;

/**
 * The guard's command line. First it cuts the session's mounts off from the machine's: what is mounted there later (a disk, a share) would show in every
 * command, and writable. Then it runs `command`, which has the IPC channel and the guard's stderr, and prints a line on stdout.
 */
export function guardCommand(
  tools: { readonly bash: string; readonly mount: string },
  command: readonly string[],
): string[] {
  return [tools.bash, "--noprofile", "--norc", "-c", SCRIPT, "koda", tools.mount, ...command];
}

/** Waits until `command` is gone. From then on this process may end although the guard still runs. */
export async function guardTakesOver(guard: ChildProcess): Promise<void> {
  // The other way it can go is that the guard is killed.
  if (guard.stdout) await Promise.race([once(guard.stdout, "data"), once(guard, "exit")]);
  // bubblewrap above it holds them, too, so that none would end by itself.
  if (guard.connected) guard.disconnect();
  guard.stdout?.destroy();
  guard.stderr?.destroy();
  guard.unref();
  if (guard.stdin && "unref" in guard.stdin) (guard.stdin.unref as () => void)(); // a socket, not in the type
}

/**
 * Has the guard kill what is left in the namespace, and waits until bubblewrap is gone. A guard whose bubblewrap was killed leaves by itself, and so
 * does a helper that it still waits for.
 */
export async function endGuard(guard: ChildProcess): Promise<void> {
  const isGone = guard.exitCode !== null || guard.signalCode !== null;
  const exited = once(guard, "exit").catch(() => null);
  if (guard.connected) guard.disconnect();
  guard.stdin?.on("error", () => null); // it was killed
  guard.stdin?.end("end\n");
  if (isGone) return;
  guard.ref();
  await exited;
}
