import type { ToolEffect } from "../../tools/tool-effect.ts";
import type { Word } from "./word.ts";

/** One simple command of a script, taken apart. */
export interface SimpleCommand {
  /** As typed, without its redirections. */
  readonly text: string;
  /** The program and its arguments; empty for a bare assignment. */
  readonly words: readonly Word[];
  /** `NAME=value` before the program. */
  readonly assignments: readonly string[];
  readonly input: CommandInput;
}

/** Where its standard input comes from: a pipe, text in the script itself (null when that has expansions), or elsewhere. */
export type CommandInput =
  | { readonly kind: "pipe" }
  | { readonly kind: "script"; readonly text: string | null }
  | { readonly kind: "other" };

/** What is known of one command after judging it. */
export interface Judgement {
  readonly effect: ToolEffect;
  readonly reason: string;
  readonly paths: readonly NamedPath[];
  /** Commands that this one runs in turn. */
  readonly inner: readonly InnerCommand[];
}

/** A path as the command names it, not resolved yet. */
export interface NamedPath {
  readonly path: string;
  readonly access: "read" | "write";
}

/** `words`: a command line given as arguments, judged like any other. `script`: text given to another shell. */
export type InnerCommand =
  | { readonly kind: "words"; readonly words: readonly Word[]; readonly input: CommandInput }
  | { readonly kind: "script"; readonly script: string };

const order: readonly ToolEffect[] = ["read-only", "local-mutation", "remote-action", "destructive"];

/** True when `left` is the graver of two effects. */
export function isGraver(left: ToolEffect, right: ToolEffect): boolean {
  return order.indexOf(left) > order.indexOf(right);
}

export function judged(effect: ToolEffect, reason: string, more: Partial<Judgement> = {}): Judgement {
  return { effect, reason, paths: [], inner: [], ...more };
}
