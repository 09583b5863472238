import { basename, dirname } from "node:path/posix";
import { type InnerCommand, type Judgement, judged, type NamedPath, type SimpleCommand } from "./command.ts";
import { judgeGraveProgram } from "./grave-programs.ts";
import { judgeGit } from "./judge-git.ts";
import { proveReadOnly } from "./judge-read-only.ts";
import { namedPaths } from "./named-paths.ts";
import { judgeScriptRunner } from "./scripts-run.ts";
import type { Word } from "./word.ts";
import { unwrap } from "./wrappers.ts";

const systemDirectories = new Set("/bin /usr/bin /usr/local/bin /sbin /usr/sbin /opt/homebrew/bin".split(" "));
/** Assignments before a program that change no more than how it prints. */
const harmlessAssignment = /^(?:NO_COLOR|FORCE_COLOR|CLICOLOR|COLUMNS|LC_ALL|LANG)=[A-Za-z0-9_.-]*$/;

/**
 * Judges one simple command by its text. Read-only needs proof; a program that cannot be known from the text
 * is destructive; everything unknown changes something.
 */
export function judgeCommand({ words, assignments, input }: SimpleCommand): Judgement {
  const [first, ...args] = words;
  if (first === undefined) return judged("local-mutation", "sets a variable");
  if (first.value === null || first.globAt !== -1 || first.value === "") {
    return judged("destructive", `which program ${first.text} is cannot be known here`);
  }
  const program = basename(first.value);
  const judgement = judgeProgram(program, args, input);
  const paths = [...judgement.paths, ...programPaths(first.value)];
  const isBare = first.value === program;
  const isAlone = assignments.every((assignment) => harmlessAssignment.test(assignment));
  if (judgement.effect !== "read-only" || (isBare && isAlone)) return { ...judgement, paths };
  const reason = isBare ? "sets a variable for a program" : `${first.value} is named by its path`;
  return { ...judgement, paths, effect: "local-mutation", reason };
}

function judgeProgram(program: string, args: readonly Word[], input: SimpleCommand["input"]): Judgement {
  if (program === "command" && /^-[vV]+$/.test(args[0]?.value ?? "")) return judged("read-only", "looks a program up");
  const unwrapped = unwrap(program, args, input);
  if (unwrapped?.kind === "hidden") return judged("destructive", `what ${program} runs cannot be seen here`);
  if (unwrapped !== null) {
    const effect = unwrapped.kind === "plain" ? "read-only" : "local-mutation";
    return judged(effect, `${program} runs a command`, { inner: unwrapped.inner });
  }
  const read = proveReadOnly(program, args);
  if (read !== null)
    return judged("read-only", `${program} only reads`, { paths: [...read, ...outside(program, args)] });
  const judgement = judgeScriptRunner(program, args, input) ?? judgeMore(program, args);
  return { ...judgement, paths: namedPaths(program, args) };
}

function judgeMore(program: string, args: readonly Word[]): Judgement {
  if (program === "git") return judgeGit(args);
  if (program === "find" || program === "fd" || program === "fdfind") return judgeFind(program, args);
  if (program === "script") return judged("destructive", "what script runs cannot be seen here");
  return judgeGraveProgram(program, args) ?? judged("local-mutation", `${program} is not known to only read`);
}

/** `find … -exec command ;` and `fd -x command`. */
function judgeFind(program: string, args: readonly Word[]): Judgement {
  const inner: InnerCommand[] = [];
  for (const [index, { value }] of args.entries()) {
    if (value === "-delete") return judged("destructive", "find -delete deletes files");
    if (!/^(?:-exec|-execdir|-ok|-okdir|-x|-X|--exec|--exec-batch)$/.test(value ?? "")) continue;
    const end = args.findIndex((word, at) => at > index && (word.value === ";" || word.value === "+"));
    const words = args.slice(index + 1, end === -1 ? args.length : end);
    inner.push({ kind: "words", words, input: { kind: "other" } });
  }
  return judged("local-mutation", `this ${program} does more than print names`, { inner });
}

/** A `git diff` outside a repository and the like read what looks like a path. Patterns and texts are no paths. */
const outside = (program: string, args: readonly Word[]): readonly NamedPath[] =>
  program === "git" ? namedPaths(program, args) : [];

function programPaths(name: string): readonly NamedPath[] {
  if (!name.includes("/") || systemDirectories.has(dirname(name))) return [];
  return [{ path: name, access: "read" }];
}
