import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { proxyEnv } from "./proxy-env.ts";

const http = { host: "127.0.0.1", port: 3128 };
const socks5 = { host: "127.0.0.1", port: 1080 };

test("the whole environment of both proxies with credentials", () => {
  const credentials = { username: "call-1", password: "p@ss" };
  expect(proxyEnv({ http, socks5, credentials })).toMatchInlineSnapshot(`
    {
      "ALL_PROXY": "socks5h://call-1:p%40ss@127.0.0.1:1080",
      "CARGO_HTTP_PROXY": "http://call-1:p%40ss@127.0.0.1:3128",
      "CARGO_NET_GIT_FETCH_WITH_CLI": "true",
      "GIT_HTTP_PROXY_AUTHMETHOD": "basic",
      "HTTPS_PROXY": "http://call-1:p%40ss@127.0.0.1:3128",
      "HTTP_PROXY": "http://call-1:p%40ss@127.0.0.1:3128",
      "JAVA_TOOL_OPTIONS": "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=3128 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=3128 -Dhttp.nonProxyHosts=localhost|127.0.0.1|[::1]",
      "NODE_USE_ENV_PROXY": "1",
      "NO_PROXY": "localhost,127.0.0.1,::1",
      "PIP_PROXY": "http://call-1:p%40ss@127.0.0.1:3128",
      "YARN_HTTPS_PROXY": "http://call-1:p%40ss@127.0.0.1:3128",
      "YARN_HTTP_PROXY": "http://call-1:p%40ss@127.0.0.1:3128",
      "all_proxy": "socks5h://call-1:p%40ss@127.0.0.1:1080",
      "http_proxy": "http://call-1:p%40ss@127.0.0.1:3128",
      "https_proxy": "http://call-1:p%40ss@127.0.0.1:3128",
      "no_proxy": "localhost,127.0.0.1,::1",
      "npm_config_https_proxy": "http://call-1:p%40ss@127.0.0.1:3128",
      "npm_config_noproxy": "localhost,127.0.0.1,::1",
      "npm_config_proxy": "http://call-1:p%40ss@127.0.0.1:3128",
    }
  `);
});

test("without proxies nothing is set; with one, only what it can serve", () => {
  expect(proxyEnv({ http: null, socks5: null, credentials: null })).toEqual({});
  expect(Object.keys(proxyEnv({ http: null, socks5, credentials: null }))).toEqual([
    "ALL_PROXY",
    "NO_PROXY",
    "all_proxy",
    "no_proxy",
  ]);
  const httpOnly = proxyEnv({ http: { host: "::1", port: 1 }, socks5: null, credentials: null });
  expect(httpOnly["ALL_PROXY"]).toBe("http://[::1]:1");
});

test("a CA bundle is named to every client that does not read the system's", () => {
  const env = proxyEnv({ http: null, socks5: null, credentials: null, caBundlePath: "/ca.pem" });
  expect(Object.keys(env)).toEqual([
    "AWS_CA_BUNDLE",
    "CARGO_HTTP_CAINFO",
    "CURL_CA_BUNDLE",
    "DENO_CERT",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "YARN_HTTPS_CA_FILE_PATH",
    "npm_config_cafile",
  ]);
});

test("the ssh command survives a shell, whatever is in the program's path", () => {
  const connectProgram = ["/opt/it's 100%/connect", "a b"];
  const ssh = { connectProgram, readsConfiguration: true };
  const { GIT_SSH_COMMAND: command = "" } = proxyEnv({ http, socks5, credentials: null, ssh });
  const words = execFileSync("sh", ["-c", `set -- ${command}; printf '%s\\n' "$@"`], { encoding: "utf8" }).split("\n");
  expect(words.slice(0, 2)).toEqual(["ssh", "-o"]);
  const proxyCommand = (words[2] ?? "").replace("ProxyCommand=", "").replaceAll("%%", "%").replace("%h %p", "host 22");
  const inner = execFileSync("sh", ["-c", `set -- ${proxyCommand}; printf '%s\\n' "$@"`], { encoding: "utf8" });
  expect(inner.trim().split("\n")).toEqual([...connectProgram, "host", "22"]);
});

test("ssh reads no configuration file where it would refuse root's", () => {
  const ssh = { connectProgram: ["/connect"], readsConfiguration: false };
  expect(proxyEnv({ http, socks5, credentials: null, ssh })["GIT_SSH_COMMAND"]).toBe(
    `ssh -F none -o 'ProxyCommand='\\''/connect'\\'' %h %p'`,
  );
});
