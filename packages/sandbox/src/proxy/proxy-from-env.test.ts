import { expect, test } from "vitest";
import { proxyEnv } from "./proxy-env.ts";
import { proxyFromEnv } from "./proxy-from-env.ts";

const http = { host: "127.0.0.1", port: 3128 };
const socks5 = { host: "::1", port: 1080 };
const credentials = { username: "call/1", password: "p@:ss" };

test("what proxyEnv sets is found again, SOCKS5 first", () => {
  expect(proxyFromEnv(proxyEnv({ http, socks5, credentials }))).toEqual({ kind: "socks5", ...socks5, credentials });
  expect(proxyFromEnv(proxyEnv({ http, socks5: null, credentials }))).toEqual({ kind: "http", ...http, credentials });
  expect(proxyFromEnv(proxyEnv({ http: null, socks5: null, credentials: null }))).toBeNull();
});

test.each([
  [{ ALL_PROXY: "socks5://a", all_proxy: "socks5://b" }, "b", 1080],
  [{ ALL_PROXY: "socks5://a:9", HTTPS_PROXY: "http://b:9" }, "a", 9],
  [{ ALL_PROXY: "http://a:9", HTTPS_PROXY: "http://b" }, "b", 80],
  [{ ALL_PROXY: "http://a:9", HTTPS_PROXY: "" }, "a", 9],
])("of %j it is %s:%i", (environment, host, port) => {
  expect(proxyFromEnv(environment)).toMatchObject({ host, port, credentials: null });
});

test.each([
  "secret",
  "ftp://u:secret@h",
  "https://u:secret@h",
  "http://u:secret@",
  "http://u:secret%ff@h",
  "http://h:0",
])("%j is refused by the variable's name, without its value", (value) => {
  const read = (): unknown => proxyFromEnv({ ALL_PROXY: value });
  expect(read).toThrow(
    expect.objectContaining({ code: "bad_upstream", message: expect.stringContaining("ALL_PROXY") }),
  );
  expect(read).not.toThrow(/secret/);
});
