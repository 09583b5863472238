import { type InnerCommand, type Judgement, judged } from "./command.ts";
import type { Word } from "./word.ts";

const leavesTheSandbox = new Set(
  (
    "sudo su doas pkexec runuser docker podman nerdctl kubectl oc helm ssh mosh at batch crontab systemctl systemd-run service " +
    "launchctl machinectl nsenter unshare chroot mount umount reboot shutdown halt poweroff init telinit"
  ).split(" "),
);
/** What they run is listed too, so that a rule against it holds. */
const runsItsArguments = new Set("sudo doas pkexec systemd-run nsenter unshare".split(" "));
const destroys = new Set("rm unlink shred truncate dd fdisk sfdisk parted wipefs blkdiscard mkswap mke2fs".split(" "));
const remote = new Set(
  (
    "curl wget http https xh aria2c scp sftp rsync ftp lftp nc ncat netcat socat telnet ping ping6 dig nslookup host whois " +
    "traceroute tracepath mtr nmap gh glab hub aws gcloud gsutil az doctl flyctl fly heroku vercel netlify wrangler terraform " +
    "tofu pulumi ansible ansible-playbook psql mysql mysqldump mongosh redis-cli sendmail mail rclone"
  ).split(" "),
);
const databaseClients = new Set("psql mysql sqlite3 mariadb sqlcmd clickhouse-client duckdb".split(" "));
const publishers = new Set("npm pnpm yarn bun cargo gem twine poetry uv vsce ovsx jsr hex dotnet".split(" "));

/** Judges programs that destroy, reach other machines or leave the sandbox; null for all others. */
export function judgeGraveProgram(program: string, args: readonly Word[]): Judgement | null {
  const values = args.map(({ value }) => value ?? "");
  if (leavesTheSandbox.has(program)) {
    const start = args.findIndex(({ value }) => value === null || !value.startsWith("-"));
    const words = start === -1 || !runsItsArguments.has(program) ? [] : args.slice(start);
    const inner: readonly InnerCommand[] =
      words.length === 0 ? [] : [{ kind: "words", words, input: { kind: "other" } }];
    return judged("destructive", `${program} leaves the sandbox`, { inner });
  }
  if (destroys.has(program) || program.startsWith("mkfs"))
    return judged("destructive", `${program} deletes or overwrites data`);
  if (
    publishers.has(program) &&
    values.some((value) => ["publish", "unpublish", "deprecate", "yank"].includes(value))
  ) {
    return judged("destructive", `${program} publishes for everyone`);
  }
  if (program === "gh" && isGraveOnGitHub(values)) return judged("destructive", "gh changes what others see");
  if (
    databaseClients.has(program) &&
    values.some((value) => /\b(?:drop|truncate)\s+\w|\bdelete\s+from\b/i.test(value))
  ) {
    return judged("destructive", `${program} deletes data`);
  }
  if (values.some((value, index) => value === "rm" && /^-[a-zA-Z]*[rRf]/.test(values[index + 1] ?? ""))) {
    return judged("destructive", "its arguments hold an rm command");
  }
  return remote.has(program) ? judged("remote-action", `${program} talks to another machine`) : null;
}

function isGraveOnGitHub([area = "", verb = ""]: readonly string[]): boolean {
  return area === "api" || area === "auth" || ["merge", "delete", "archive", "transfer", "close"].includes(verb);
}
