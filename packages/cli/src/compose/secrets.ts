import { loadKeyFiles, type SecurityConfig, usualKeyFiles } from "@koda/core";
import type { Config } from "../config/load-config.ts";

/**
 * What a session has to keep to itself: keys of the environment, of the project's `.env` files and of the home. They are
 * read to be blanked wherever they turn up; nothing of them is stored.
 */
export async function loadSecurity(
  config: Pick<Config, "environment" | "home" | "projectRoot">,
): Promise<SecurityConfig> {
  const { environment, home, projectRoot } = config;
  return { environment, keyFiles: await loadKeyFiles(usualKeyFiles({ home, projectRoot })) };
}
