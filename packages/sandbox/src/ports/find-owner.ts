import { readdirSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { processTree } from "../linux/process-tree.ts";
import { parseProcNetTcp, type TcpEntry } from "./parse-proc-net-tcp.ts";

/** A running command: the first process of its tree as this process sees it, and whose it is. */
export interface CommandTree {
  readonly pid: number;
  readonly clientId: string;
}

/** Which socket inside the namespace is meant. */
export type SocketTest = (entry: TcpEntry) => boolean;

/**
 * Finds the commands that hold sockets, by what the kernel says and not by what anybody claims: the socket's number in the namespace's table,
 * then the descriptors of every process of `commands`. One answer for each test: null when no running command holds it. Looks from outside,
 * process by process with the event loop in between, and gives up after `limitMs`.
 */
export async function findOwners(
  tests: readonly SocketTest[],
  commands: readonly CommandTree[],
  limitMs: number,
): Promise<readonly (string | null)[]> {
  const deadlineMs = performance.now() + limitMs;
  const owners: (string | null)[] = tests.map(() => null);
  const wanted = await findInodes(tests, commands);
  for (const { pid, clientId } of commands) {
    for (const member of processTree(pid)) {
      if (wanted.size === 0 || performance.now() > deadlineMs) return owners;
      for (const inode of socketInodes(member)) {
        for (const index of wanted.get(inode) ?? []) owners[index] = clientId;
        wanted.delete(inode);
      }
      await nextTurn();
    }
  }
  return owners;
}

/**
 * Which tests each socket passes, by its number. Reading a table takes the kernel milliseconds, for it walks the buckets of all namespaces: not
 * on this thread, and the second one only when the first does not do.
 */
async function findInodes(
  tests: readonly SocketTest[],
  commands: readonly CommandTree[],
): Promise<Map<number, number[]>> {
  const wanted = new Map<number, number[]>();
  const missing = new Set(tests.keys());
  for (const name of ["tcp", "tcp6"]) {
    if (missing.size === 0) break;
    for (const entry of parseProcNetTcp(await readTable(commands, name))) {
      if (entry.inode === 0) continue;
      for (const [index, test] of tests.entries()) {
        if (!test(entry)) continue;
        wanted.set(entry.inode, [...(wanted.get(entry.inode) ?? []), index]);
        missing.delete(index);
      }
    }
  }
  return wanted;
}

/** All commands are in one network namespace, so any of them shows its table. Empty when all have ended. */
async function readTable(commands: readonly CommandTree[], name: string): Promise<string> {
  for (const { pid } of commands) {
    const table = await readFile(`/proc/${pid}/net/${name}`, "latin1").catch(() => "");
    if (table !== "") return table;
  }
  return "";
}

function* socketInodes(pid: number): Generator<number> {
  for (const descriptor of listDescriptors(pid)) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${descriptor}`))?.[1];
    if (inode !== undefined) yield Number(inode);
  }
}

function listDescriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return []; // ended, or not ours to see
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
}
