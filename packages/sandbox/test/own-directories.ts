import { homedir, userInfo } from "node:os";
import { fileURLToPath } from "node:url";

/** This repository: what a nested sandbox must see to start, wherever it lies. */
export const repository: string = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** The user's home, and not one below `/tmp`, which commands do not see whatever the rules. */
export const homeOutsideTmp: string =
  [homedir(), userInfo().homedir].find((path) => !/^\/(?:tmp|var\/tmp|run)\//.test(`${path}/`)) ?? homedir();
