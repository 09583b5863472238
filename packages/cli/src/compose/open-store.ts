import { join } from "node:path";
import { openSqliteStore, type Store } from "@koda/core";
import type { Config } from "../config/load-config.ts";

/** The one database of this user: sessions, rules, servers. */
export function openStore(config: Pick<Config, "dataDir">): Store & Disposable {
  const store = openSqliteStore(join(config.dataDir, "koda.db"));
  return Object.assign(store, { [Symbol.dispose]: () => store.close() });
}
