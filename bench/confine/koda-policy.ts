import { join } from "node:path";
import type { PolicyInput } from "@koda/sandbox";
import type { Place } from "./job.ts";

/** What Koda asks for when it works on a project: Koda's own data is kept from commands, and what they plant is written down. */
export function toPolicyInput({ project, home }: Place): PolicyInput {
  return { projectRoot: project, home, privateDirs: [join(home, ".local/share/koda")] };
}
