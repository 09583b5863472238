import { fingerprintOf } from "../files/fingerprint.ts";
import { openRegularFile } from "../files/open-regular-file.ts";
import { type Refusal, refuse } from "../files/refusal.ts";
import { systemErrorCode } from "./tool-failure.ts";

/** Files above this are not rewritten as a whole in memory. */
const maxFileBytes = 32 * 1024 * 1024;

export interface CurrentFile {
  readonly kind: "file";
  readonly bytes: Buffer;
  readonly fingerprint: string;
}

/** The whole of a file that is about to be rewritten, or that there is none. A refusal for what is no regular file, or above 32 MiB. */
export async function readCurrentFile(path: string): Promise<CurrentFile | { readonly kind: "absent" } | Refusal> {
  try {
    const opened = await openRegularFile(path);
    if (opened.kind === "refusal") return opened;
    await using file = opened;
    if (file.stats.size > maxFileBytes)
      return refuse(`${path} is larger than ${maxFileBytes} bytes; change it with Bash`);
    const fingerprint = fingerprintOf(file.stats);
    return { kind: "file", bytes: await file.handle.readFile(), fingerprint };
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return { kind: "absent" };
    throw error;
  }
}
