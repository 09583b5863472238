import { z } from "zod";

/** A path as a model writes it: relative to the project, or absolute. The shell's `~` and URLs are no paths here. */
export const pathInput: z.ZodType<string> = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes("\0"), "a path has no NUL")
  .refine((path) => path !== "~" && !path.startsWith("~/"), "write the absolute path instead of ~")
  .refine((path) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(path), "a path, not a URL");
