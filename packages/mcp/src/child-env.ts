/** Variables that a server inherits: what a program needs to find its parts and speak the user's language. */
export const inheritedVariables: readonly string[] = [
  "HOME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LOGNAME",
  "PATH",
  "SHELL",
  "TERM",
  "TMPDIR",
  "TZ",
  "USER",
];

/**
 * The environment of an unconfined server: the allowlisted variables of `parent`, then its own.
 * Shell functions (`() {`) are left out.
 */
export function toChildEnv(
  parent: Readonly<Record<string, string | undefined>>,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const inherited = inheritedVariables.flatMap((name) => {
    const value = parent[name];
    return value === undefined || value.startsWith("()") ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...own };
}
