import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createFilter } from "../../src/filter/filter.ts";
import { BuiltInProxy } from "../../src/proxy/built-in-proxy.ts";
import { BuiltInSocks5Proxy } from "../../src/proxy/built-in-socks5-proxy.ts";

// The process of child-proxies.ts: opens the proxies, tells where they listen, and measures itself when asked.
const { rules, limits, directory } = JSON.parse(process.argv[2] ?? "{}");
const options = {
  filter: createFilter(rules),
  authentication: "none",
  resolveHost: async () => ["127.0.0.1"],
  limits,
} as const;
const at = (name: string): { path?: string } => (directory === undefined ? {} : { path: join(directory, name) });
const http = await BuiltInProxy.open({ ...options, ...at("http") });
const socks5 = await BuiltInSocks5Proxy.open({ ...options, ...at("socks5") });
process.on("message", () => {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({
    descriptors: readdirSync("/proc/self/fd").length,
    rssBytes: rss,
    heldBytes: heapUsed + external,
    stats: [http.stats(), socks5.stats()],
  });
});
process.on("disconnect", () => process.exit());
process.send?.({
  http: { host: http.host, port: http.port },
  socks5: { host: socks5.host, port: socks5.port },
});
