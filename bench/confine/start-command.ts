import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { findProgram } from "../find-program.ts";
import type { OpenedPeer } from "./opened-peer.ts";

/** Runs a program to its end, with nothing to read and both outputs through pipes. Rejects with what it said unless it ends with 0. */
export async function startCommand(
  program: string,
  args: readonly string[],
  options: SpawnOptions & { readonly descriptors?: readonly number[] } = {},
): Promise<void> {
  const { descriptors = [], ...rest } = options;
  const child = spawn(program, [...args], { ...rest, stdio: ["ignore", "pipe", "pipe", ...descriptors] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2_000);
    });
  }
  const [exitCode, signal] = (await once(child, "close")) as [number | null, string | null]; // the event's documented arguments
  if (exitCode !== 0) throw new Error(`ended with ${exitCode ?? signal}: ${said.trim().split("\n").at(-1) ?? ""}`);
}

/** A peer that is nothing but a prefix of the command. */
export function prefixPeer(prefix: readonly string[], options: SpawnOptions = {}): OpenedPeer {
  return {
    run: ([first, ...rest]) => {
      const [program = first, ...args] = [...prefix, first, ...rest];
      return startCommand(program, args, options);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Its path. Throws what to type when one is missing. */
export function need(program: string, install: string): string {
  const path = findProgram(program);
  if (path === null) throw new Error(`not installed: ${install}`);
  return path;
}
