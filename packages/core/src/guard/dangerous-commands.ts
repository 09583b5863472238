/** A slip that no one means: refused before anybody is asked. */
export interface DangerousCommand {
  /** What it would do, to be read after "this". */
  readonly name: string;
  readonly pattern: RegExp;
}

// The list is made of these, so they stand before it.
const flags = "(?:-{1,2}[\\w-]{1,40} ){0,6}";
const quote = "[\"']?";
const end = "[\"']?(?=$|[\\s;&|)])";
const home = "(?:~|\\$HOME|\\$\\{HOME\\}|/root|/home/[\\w.-]{1,64})";
const disk = "(?:sd|hd|vd|xvd|nvme|mmcblk|disk|mapper/|md\\d)";
const mainBranch = "(?:main|master|trunk)";
const systemDirectories =
  "bin|boot|dev|etc|home|lib|lib64|opt|proc|root|sbin|sys|usr|var|Applications|Library|System|Users";

/**
 * Against accidents, not against intent: who wants to can write any of these in another way, and then meets the rules,
 * the question and the sandbox. A command counts where one can begin, so that a message which speaks of it does not.
 */
export const dangerousCommands: readonly DangerousCommand[] = [
  danger("deletes the whole file system", `rm ${flags}(?:--no-preserve-root ${flags})?${quote}/(?:\\*|\\.)?${end}`),
  danger("deletes the whole home directory", `rm ${flags}${quote}${home}(?:/\\*?|/\\.\\*)?${end}`),
  danger("deletes a directory of the system", `rm ${flags}${quote}/(?:${systemDirectories})(?:/\\*?)?${end}`),
  danger("deletes without stopping at the root", `rm [^;&|\\n]{0,200}--no-preserve-root`),
  danger("makes a new file system over a disk", "(?:mkfs|mke2fs|mkswap)(?:\\.\\w{1,16})?\\s[^;&|\\n]{0,200}/dev/"),
  danger("overwrites a disk", `dd\\s[^;&|\\n]{0,200}of=${quote}/dev/${disk}`),
  danger("overwrites a disk", `[^;&|\\n]{0,200}>\\s{0,4}${quote}/dev/${disk}`),
  danger("wipes a disk", `(?:wipefs|blkdiscard|shred)\\s[^;&|\\n]{0,200}/dev/${disk}`),
  danger("starts processes until the machine stops", ":\\s{0,4}\\(\\s{0,4}\\)\\s{0,4}\\{\\s{0,4}:\\s{0,4}\\|\\s{0,4}:"),
  danger("opens every file to everyone", `chmod ${flags}(?:a\\+rwx|0?777) ${flags}${quote}(?:/|${home}/?)${end}`),
  danger("gives every file to another owner", `chown ${flags}[\\w.:$-]{1,64} ${flags}${quote}/${end}`),
  danger(
    "rewrites the main branch for everyone",
    `git\\s(?:-[cC]\\s\\S{1,200}\\s)?push\\s(?=[^;&|\\n]{0,300}(?<=\\s)(?:--force|-[a-z]{0,4}f[a-z]{0,4})${end})[^;&|\\n]{0,300}[\\s:/]${mainBranch}${end}`,
  ),
  danger(
    "rewrites the main branch for everyone",
    `git\\spush\\s[^;&|\\n]{0,300}\\s\\+(?:[\\w/-]{1,100}:)?${mainBranch}${end}`,
  ),
  danger("deletes the main branch for everyone", `git\\spush\\s[^;&|\\n]{0,300}(?:--delete|-d)\\s${mainBranch}${end}`),
];

/** The first of `list` that the command is; null when it is none. Of a very long command the beginning is looked at. */
export function findDangerous(
  command: string,
  list: readonly DangerousCommand[] = dangerousCommands,
): DangerousCommand | null {
  const text = command
    .slice(0, maxCommandLength)
    .replace(/\\\n/g, " ")
    .replace(/[ \t]+/g, " ");
  return list.find(({ pattern }) => text.search(pattern) !== -1) ?? null;
}

const maxCommandLength = 65_536;

/** Where a command can begin, then what it is. */
function danger(name: string, command: string): DangerousCommand {
  const begin =
    "(?:^|[;&|({`\\n]|\\$\\()\\s{0,8}(?:(?:sudo|doas|nohup|time|exec|command|env)\\s(?:-\\w{1,8}\\s){0,4}){0,4}";
  return { name, pattern: new RegExp(begin + command, "m") };
}
