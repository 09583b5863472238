import { SandboxError } from "../errors.ts";

/**
 * A path as a string of the profile language, whose grammar is Scheme's: what could end the string is escaped.
 *
 * @throws {SandboxError} `bad_policy` for control characters: nobody has written down how the language reads them.
 */
export function quote(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) {
    throw new SandboxError(
      "bad_policy",
      `macOS cannot confine by this path: ${JSON.stringify(path)} holds a control character`,
    );
  }
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}

/** A path as the kernel knows it: without the volume that firmlinks hide, with `/private` for what links to it. */
export function toKernelPath(path: string): string {
  return path.replace(/^\/System\/Volumes\/Data(?=\/)/, "").replace(/^\/(?=(?:etc|tmp|var)(?:\/|$))/, "/private/");
}

/** A path with its letters composed and decomposed, since names are stored either way. */
function spellings(path: string): string[] {
  const real = toKernelPath(path);
  return [...new Set([real.normalize("NFC"), real.normalize("NFD"), real])];
}

/** Filters for a directory or file with everything below it. */
export function subpaths(paths: readonly string[]): string[] {
  return paths.flatMap(spellings).map((path) => `(subpath ${quote(path)})`);
}

/** Filters for exactly these. */
export function literals(paths: readonly string[]): string[] {
  return paths.flatMap(spellings).map((path) => `(literal ${quote(path)})`);
}

/**
 * A filter for `name` below `directory` and everything in it, in any letter case: the file system may ignore it, and a file that is about to be made
 * is known by the name its maker gives. Matches more where a name holds what the pattern language may read in its own way, so it is for denials only.
 */
export function anyCase(directory: string, name: string): string[] {
  return regexes(directory, toAnyCase(name));
}

/** Filters for what a regular expression matches below `directory`, and everything in it. For denials only, as `anyCase`. */
export function regexes(directory: string, source: string): string[] {
  const base = (path: string): string => (path === "/" ? "" : toAnyCase(path));
  return spellings(directory).map((path) => `(regex #"^${base(path)}/${source}(/.*)?$")`);
}

/** A regular expression that matches at least `text`, in any letter case. */
export function toAnyCase(text: string): string {
  return [...text].map(toPattern).join("");
}

function toPattern(character: string): string {
  if (/[a-z]/i.test(character)) return `[${character.toLowerCase()}${character.toUpperCase()}]`;
  if (/[0-9/_~ :,@%=-]/.test(character)) return character;
  if (character > "\u007e") return "[^/]+"; // composed or decomposed, in bytes or letters
  return /[.]/.test(character) ? "[.]" : "[^/]";
}
