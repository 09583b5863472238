import { expect, test } from "vitest";
import { proxyEnv } from "./proxy-env.ts";
import { proxyFromEnv } from "./proxy-from-env.ts";

const http = { host: "127.0.0.1", port: 3128 };
const socks5 = { host: "::1", port: 1080 };
const credentials = { username: "call/1", password: "p@:ss" };

test("what proxyEnv sets is found again, HTTP first", () => {
  expect(proxyFromEnv(proxyEnv({ http, socks5, credentials }))).toEqual({ scheme: "http", ...http, credentials });
  const onlySocks5 = proxyEnv({ http: null, socks5, credentials });
  expect(proxyFromEnv(onlySocks5)).toEqual({ scheme: "socks5", ...socks5, credentials });
  expect(proxyFromEnv(proxyEnv({ http: null, socks5: null, credentials: null }))).toBeNull();
});

test.each([
  [{ ALL_PROXY: "socks5://a", all_proxy: "socks5://b" }, "b", 1080],
  [{ ALL_PROXY: "socks5://a:9", HTTPS_PROXY: "http://b:9" }, "b", 9],
  [{ ALL_PROXY: "http://a:9", HTTPS_PROXY: "https://b" }, "b", 443],
  [{ ALL_PROXY: "http://a:9", HTTPS_PROXY: "" }, "a", 9],
])("of %j it is %s:%i", (environment, host, port) => {
  expect(proxyFromEnv(environment)).toMatchObject({ host, port, credentials: null });
});

test("what is no proxy's URL is refused by the variable's name, without the password", () => {
  const read = (): unknown => proxyFromEnv({ ALL_PROXY: "socks5://a", all_proxy: "ftp://u:secret@h" });
  expect(read).toThrow(
    expect.objectContaining({ code: "bad_upstream", message: expect.stringMatching(/^all_proxy: /) }),
  );
  expect(read).not.toThrow(/secret/);
});
