import { z } from "zod";

/**
 * Lets models use the argument names they know from elsewhere: each alias is renamed to its canonical name before `schema`
 * parses, so that one object is validated, judged, shown and executed. The same argument under two names is refused
 * unless both say the same. The JSON schema offered to models has the canonical names only.
 */
export function normalizeInput<T>(schema: z.ZodType<T>, aliases: Readonly<Record<string, string>>): z.ZodType<T> {
  return z.preprocess((value, context) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const renamed = new Map<string, unknown>();
    for (const [name, argument] of Object.entries(value)) {
      const canonical = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
      if (renamed.has(canonical) && JSON.stringify(renamed.get(canonical)) !== JSON.stringify(argument)) {
        context.addIssue({ code: "custom", message: `"${canonical}" is given twice, under two names` });
      }
      renamed.set(canonical, argument);
    }
    return Object.fromEntries(renamed);
  }, schema);
}

/** The names other agents' file tools use for `path`. */
export const pathAliases: Readonly<Record<string, string>> = {
  file_path: "path",
  filePath: "path",
  filepath: "path",
  filename: "path",
  file: "path",
  directory: "path",
  dir: "path",
};
