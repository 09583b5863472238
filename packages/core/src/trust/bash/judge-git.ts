import { type InnerCommand, type Judgement, judged } from "./command.ts";
import type { Word } from "./word.ts";

const remote = new Set(
  "push fetch pull clone ls-remote submodule send-email remote svn p4 request-pull lfs".split(" "),
);

/** Judges a git command that is not proved to only read: what it may lose, reach or run. */
export function judgeGit(args: readonly Word[]): Judgement {
  const { name, rest } = subcommand(args);
  if (name === null) return judged("destructive", "git runs a command that cannot be seen here");
  const values = rest.map(({ value }) => value ?? "");
  const loss = lossOf(name, values);
  const effect = loss !== null ? "destructive" : remote.has(name) ? "remote-action" : "local-mutation";
  const reason =
    loss ?? (remote.has(name) ? `git ${name} talks to another machine` : `git ${name} may change the repository`);
  return judged(effect, reason, { inner: commandsIn(name, rest) });
}

/** `git [-C dir] [-c a=b] [--git-dir dir] … name …` */
function subcommand(args: readonly Word[]): { readonly name: string | null; readonly rest: readonly Word[] } {
  for (let at = 0; at < args.length; at++) {
    const value = args[at]?.value ?? null;
    if (value === null) return { name: null, rest: [] };
    if (["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--exec-path"].includes(value)) at++;
    else if (!value.startsWith("-")) return { name: value, rest: args.slice(at + 1) };
  }
  return { name: "", rest: [] };
}

function lossOf(name: string, args: readonly string[]): string | null {
  const has = (...options: readonly string[]): boolean => args.some((arg) => options.includes(arg.replace(/=.*$/, "")));
  const hasLetter = (letter: string): boolean => args.some((arg) => /^-[A-Za-z]+$/.test(arg) && arg.includes(letter));
  const abbreviates = (option: string): boolean =>
    args.some((arg) => arg.length > 4 && option.startsWith(arg.replace(/=.*$/, "")));
  switch (name) {
    case "reset":
      return abbreviates("--hard") || has("--hard", "--merge", "--keep")
        ? "git reset --hard throws changes away"
        : null;
    case "clean":
      return has("-n", "--dry-run") ? null : "git clean deletes files that git does not know";
    case "checkout":
      return has("--", ".", "--force", "--ours", "--theirs", "--pathspec-from-file") ||
        hasLetter("f") ||
        (args.length > 1 && !hasLetter("b") && !hasLetter("B"))
        ? "git checkout may throw changes away"
        : null;
    case "switch":
      return has("--force", "--discard-changes") || hasLetter("f") ? "git switch --force throws changes away" : null;
    case "restore":
      return has("--staged") && !has("--worktree") ? null : "git restore throws changes away";
    case "push": {
      const isForced =
        has("--force", "--force-with-lease", "--force-if-includes", "--delete", "--mirror", "--prune") ||
        hasLetter("f") ||
        hasLetter("d");
      return isForced || abbreviates("--force") || args.some((arg) => /^[+:]/.test(arg))
        ? "git push overwrites or deletes on the other side"
        : null;
    }
    case "branch":
      return has("--delete", "--force") || hasLetter("d") || hasLetter("D") || hasLetter("f") || hasLetter("M")
        ? "git branch deletes or overwrites a branch"
        : null;
    case "tag":
      return has("--delete", "--force") || hasLetter("d") || hasLetter("f")
        ? "git tag deletes or overwrites a tag"
        : null;
    case "stash":
      return ["drop", "clear"].includes(args[0] ?? "") ? "git stash throws changes away" : null;
    case "reflog":
      return ["expire", "delete"].includes(args[0] ?? "") ? "git reflog forgets commits" : null;
    case "worktree":
      return args[0] === "remove" ? "git worktree remove deletes a directory" : null;
    case "rm":
      return has("--cached") ? null : "git rm deletes files";
    case "update-ref":
    case "gc":
    case "prune":
    case "filter-branch":
    case "filter-repo":
      return `git ${name} may lose commits`;
    default:
      return null;
  }
}

function commandsIn(name: string, args: readonly Word[]): readonly InnerCommand[] {
  const values = args.map(({ value }) => value ?? "");
  if (name === "bisect" && values[0] === "run")
    return [{ kind: "words", words: args.slice(1), input: { kind: "other" } }];
  if (name === "submodule" && values[0] === "foreach") {
    return [
      {
        kind: "script",
        script: values
          .slice(1)
          .filter((value) => !value.startsWith("--"))
          .join(" "),
      },
    ];
  }
  if (name !== "rebase") return [];
  return values.flatMap((value, index): readonly InnerCommand[] => {
    if (value === "-x" || value === "--exec") return [{ kind: "script", script: values[index + 1] ?? "" }];
    return /^(?:-x|--exec=)./.test(value) ? [{ kind: "script", script: value.replace(/^(?:-x|--exec=)/, "") }] : [];
  });
}
