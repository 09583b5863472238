import { existsSync, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "../find-program.ts";

/** 400 MB unpacked, so it comes with no install of Koda's. */
export const CODEX_INSTALL = "npm install --prefix .toolchain/codex @openai/codex@0.169.0";

export interface Codex {
  /** What npm puts on the PATH: a Node program that starts the other one. */
  readonly launcher: string;
  readonly native: string;
}

/** Looks in the toolchain's directory, then on the PATH. Throws what to type when there is none. */
export function findCodex(): Codex {
  const toolchain = fileURLToPath(new URL("../../.toolchain/codex/node_modules/.bin/codex", import.meta.url));
  const found = existsSync(toolchain) ? toolchain : findProgram("codex");
  if (found === null) throw new Error(`not installed: ${CODEX_INSTALL}`);
  const launcher = realpathSync(found);
  try {
    const manifest = createRequire(launcher).resolve(`@openai/codex-linux-${process.arch}/package.json`);
    const vendor = join(dirname(manifest), "vendor");
    const [triple = ""] = readdirSync(vendor);
    return { launcher, native: join(vendor, triple, "bin", "codex") };
  } catch (cause) {
    throw new Error(`${launcher} is not of npm's @openai/codex`, { cause });
  }
}
