import { join, resolve } from "node:path";

/** Where Koda keeps its own data: `KODA_HOME`, else the XDG data folder (XDG Base Directory Specification 0.8). */
export function ownDataDirectory(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  if (environment["KODA_HOME"]) return resolve(environment["KODA_HOME"]);
  const xdg = environment["XDG_DATA_HOME"];
  return xdg?.startsWith("/") ? join(xdg, "koda") : join(home, ".local", "share", "koda");
}
