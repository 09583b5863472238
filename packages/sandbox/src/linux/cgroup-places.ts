import { isWithin } from "../policy/real-path.ts";

/**
 * Directories of the cgroup v2 hierarchy that this process lies in, its own first, then its parents up to the mount's root. From the texts of
 * `/proc/self/cgroup` (cgroups(7)) and `/proc/self/mountinfo` (proc_pid_mountinfo(5)). Empty where v2 is not mounted, or not for this process.
 */
export function cgroupPlaces(selfCgroup: string, mountinfo: string): string[] {
  const own = /^0::(\/.*)$/m.exec(selfCgroup)?.[1];
  const mount = mountinfo
    .split("\n")
    .map(parseMount)
    .find((each) => each !== null);
  if (own === undefined || !mount || !isWithin(mount.root, own)) return [];
  const below = own.slice(mount.root === "/" ? 0 : mount.root.length);
  const parts = below.split("/").filter((part) => part !== "");
  return parts.map((_, index) => `${mount.path}/${parts.slice(0, parts.length - index).join("/")}`).concat(mount.path);
}

function parseMount(line: string): { readonly root: string; readonly path: string } | null {
  const [fields = "", rest = ""] = line.split(" - ");
  const [, , , root, path] = fields.split(" ");
  if (!rest.startsWith("cgroup2 ") || root === undefined || path === undefined) return null;
  return { root: unescapeOctal(root), path: unescapeOctal(path) };
}

/** Blanks, tabs, line breaks and backslashes are octal there. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
