import type { Word } from "./word.ts";

const alone = new Set(
  "! -not -o -or -a -and -print -print0 -empty -prune -readable -writable -executable -depth -mount -xdev -true -false -nouser -ls -quit".split(
    " ",
  ),
);
const withValue = new Set(
  "-name -iname -path -ipath -wholename -type -maxdepth -mindepth -size -mtime -mmin -atime -amin -ctime -cmin -newer -perm -user -group -links -regex -iregex -regextype -inum -printf".split(
    " ",
  ),
);

/** The directories that a `find` which only prints starts from; null when it does more, or is not understood. */
export function readOnlyFindRoots(args: readonly Word[]): readonly Word[] | null {
  const roots: Word[] = [];
  let isExpression = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined || word.value === null || word.globAt === 0) return null;
    isExpression ||= /^[-!(),]/.test(word.value);
    if (!isExpression) roots.push(word);
    else if (withValue.has(word.value)) {
      const value = args[++at];
      if (value === undefined || value.value === null || value.globAt !== -1) return null;
    } else if (!alone.has(word.value) && word.value !== "(" && word.value !== ")") return null;
  }
  return roots;
}
