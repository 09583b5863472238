import { type Dir, opendirSync, readlinkSync } from "node:fs";
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
 * then the descriptors of every process of `commands`. One answer for each test: the first command found to hold it, null when no running one does.
 * Looks from outside, at 512 descriptors at most before the event loop has its turn, and gives up after `limitMs`.
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
      for (const inodes of socketInodes(member)) {
        if (wanted.size === 0 || performance.now() > deadlineMs) return owners;
        for (const inode of inodes) {
          for (const index of wanted.get(inode) ?? []) owners[index] ??= clientId;
          wanted.delete(inode);
        }
        await nextTurn();
      }
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

const DESCRIPTORS_A_TURN = 512; // about 1 ms

/** By turns, at least one: a command may have as many descriptors as its limit allows, 65,536 by default. */
function* socketInodes(pid: number): Generator<readonly number[]> {
  const path = `/proc/${pid}/fd`;
  const directory = openDirectory(path);
  try {
    for (let isAtEnd = directory === null; ; ) {
      const inodes: number[] = [];
      for (let looked = 0; looked < DESCRIPTORS_A_TURN && !isAtEnd; looked += 1) {
        const name = readName(directory);
        isAtEnd = name === null;
        const inode = name === null ? undefined : /^socket:\[(\d+)\]$/.exec(readLink(`${path}/${name}`))?.[1];
        if (inode !== undefined) inodes.push(Number(inode));
      }
      yield inodes;
      if (isAtEnd) return;
    }
  } finally {
    directory?.closeSync();
  }
}

function openDirectory(path: string): Dir | null {
  try {
    return opendirSync(path, { bufferSize: DESCRIPTORS_A_TURN });
  } catch {
    return null; // ended, or not ours to see
  }
}

function readName(directory: Dir | null): string | null {
  try {
    return directory?.readSync()?.name ?? null;
  } catch {
    return null; // ended meanwhile
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
}
