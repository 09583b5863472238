import { z } from "zod";

/**
 * A glob as a model writes it, relative to the searched directory. Bounded, because every wildcard multiplies
 * the work that one hostile file name can cost: at most 3 `**` and, between two slashes, 3 wildcards.
 */
export const globInput: z.ZodType<string> = z
  .string()
  .min(1)
  .max(256)
  .transform((pattern) => pattern.replace(/^(\.\/)+/, "").replace(/(\*\*\/)+/g, "**/"))
  .pipe(
    z
      .string()
      .min(1)
      .refine((pattern) => !pattern.includes("\0"), "a pattern has no NUL")
      .refine(
        (pattern) => !pattern.startsWith("/") && !pattern.startsWith("~"),
        "a pattern is relative; name the directory in path",
      )
      .refine(
        (pattern) => !pattern.split("/").includes(".."),
        "a pattern does not lead out; name the directory in path",
      )
      .refine((pattern) => !pattern.startsWith("!"), "a pattern says what to find, not what to leave out")
      .refine((pattern) => (pattern.match(/\*\*/g)?.length ?? 0) <= 3, "at most 3 ** in one pattern")
      .refine(
        (pattern) => pattern.split("/").every((part) => part === "**" || (part.match(/\*+/g)?.length ?? 0) <= 3),
        "at most 3 wildcards in one name",
      )
      .refine((pattern) => (pattern.match(/\{/g)?.length ?? 0) <= 3, "at most 3 alternatives {a,b} in one pattern"),
  )
  .describe("Such as **/*.ts");
