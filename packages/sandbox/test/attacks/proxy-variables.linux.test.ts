import { expect, test } from "vitest";
import { openAttackSite } from "./attack-site.ts";

test("every spelling of the proxy variables says the same, and what goes past the proxies is loopback alone [LN-19]", async () => {
  const wide = "example.com,169.254.0.0/16,10.0.0.0/8,*";
  await using site = await openAttackSite({
    environment: { HTTPS_PROXY: "http://evil.test:1", no_proxy: wide, NO_PROXY: wide, NODE_USE_ENV_PROXY: "0" },
  });
  const { output } = await site.sh("env -0 | sort -z | tr '\\0' '\\n'");
  const seen = new Map(
    output.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const http = seen.get("HTTP_PROXY") ?? "";
  expect(new URL(http)).toMatchObject({ hostname: "127.0.0.1", port: String(site.sandbox.proxy?.port) });
  for (const name of ["http_proxy", "HTTPS_PROXY", "https_proxy"]) expect([name, seen.get(name)]).toEqual([name, http]);
  expect(seen.get("all_proxy")).toBe(seen.get("ALL_PROXY"));
  expect(new URL(seen.get("ALL_PROXY") ?? "").port).toBe(String(site.sandbox.socks5Proxy?.port));
  expect(seen.get("NODE_USE_ENV_PROXY")).toBe("1");
  const exceptions = new Set(
    [seen.get("NO_PROXY"), seen.get("no_proxy")].flatMap((list) => (list ?? "absent").split(",")),
  );
  for (const name of exceptions) expect(["localhost", "127.0.0.1", "::1", "[::1]"]).toContain(name);
  expect(output).not.toContain("evil.test");
});
