import fc from "fast-check";
import { expect, test } from "vitest";
import { SandboxError } from "../../errors.ts";
import { parseHost } from "../../filter/target.ts";
import { parseUpstream, type UpstreamSettings } from "./parse-upstream.ts";
import { chooseUpstream } from "./upstream.ts";
import { upstreamFromEnvironment } from "./upstream-from-environment.ts";

const proxy = (scheme: string, host: string, port: number, username?: string, password = "") => ({
  scheme,
  host,
  port,
  credentials: username === undefined ? null : { username, password },
});

test.each([
  ["http://proxy.test:3128", proxy("http", "proxy.test", 3128)],
  ["http://proxy.test:3128/", proxy("http", "proxy.test", 3128)],
  ["proxy.test:3128", proxy("http", "proxy.test", 3128)],
  ["HTTP://PROXY.test.:3128", proxy("http", "proxy.test", 3128)],
  ["http://localhost:3128", proxy("http", "localhost", 3128)],
  ["http://10.0.0.1:3128", proxy("http", "10.0.0.1", 3128)],
  ["http://[::1]:3128", proxy("http", "::1", 3128)],
  ["https://proxy.test", proxy("https", "proxy.test", 443)],
  ["socks5://proxy.test", proxy("socks5", "proxy.test", 1080)],
  ["socks5h://proxy.test:9050", proxy("socks5", "proxy.test", 9050)],
  ["http://user:p%40ss%3A%2f@proxy.test:1", proxy("http", "proxy.test", 1, "user", "p@ss:/")],
  ["http://user:p@ss@proxy.test:1", proxy("http", "proxy.test", 1, "user", "p@ss")],
  ["http://user:a:b@proxy.test:1", proxy("http", "proxy.test", 1, "user", "a:b")],
  ["http://user@proxy.test:1", proxy("http", "proxy.test", 1, "user")],
  ["socks5://%C3%BCser:pass@proxy.test:1", proxy("socks5", "proxy.test", 1, "üser", "pass")],
])("%s is a proxy", (url, wanted) => {
  const upstream = parseUpstream({ httpsProxy: url });
  expect(upstream?.tunnel).toEqual(wanted);
  expect(Object.isFrozen(upstream) && Object.isFrozen(upstream?.tunnel)).toBe(true);
});

test.each([
  ["http://proxy.test", "the port is missing"],
  ["proxy.test", "the port is missing"],
  ["http://proxy.test:0", "not a port from 1 to 65535"],
  ["http://proxy.test:65536", "not a port from 1 to 65535"],
  ["http://proxy.test:80a", "not a host and port"],
  ["http://:3128", "not a host name or address"],
  ["http://", "the port is missing"],
  ["http://proxy.test:3128/path", "no path, query or fragment"],
  ["http://proxy.test:3128?q", "no path, query or fragment"],
  ["http://proxy.test:3128#f", "no path, query or fragment"],
  ["http:/proxy.test:3128", "no path, query or fragment"],
  ["socks4://proxy.test:1080", 'the scheme "socks4" is not supported'],
  ["ftp://proxy.test:1080", 'the scheme "ftp" is not supported'],
  ["__proto__://proxy.test:1080", "no path, query or fragment"],
  ["constructor://proxy.test:1080", 'the scheme "constructor" is not supported'],
  ["http://::1:3128", "not a host and port"],
  ["http://[::1:3128", "not a host and port"],
  ["http://pro xy.test:3128", "not a host name or address"],
  ["http://proxy.test\r\nX: y:3128", "not a host and port"],
  ["http://user:s3cret%@proxy.test:1", "not valid percent-encoding"],
  ["http://user:s3cret%ff@proxy.test:1", "not valid percent-encoding"],
  ["http://user:s3cret%0d%0aX:y@proxy.test:1", "holds a control character"],
  ["http://:s3cret@proxy.test:1", "the user name is empty"],
  ["http://us%3Aer:s3cret@proxy.test:1", "a user name for HTTP holds no colon"],
  ["http://user:s3cret/@proxy.test:1", "no path, query or fragment"],
  ["http://user:s3cret@", "the port is missing"],
  ["http://user:s3cret@proxy.test:99999", "not a port from 1 to 65535"],
  ["socks5://user@proxy.test:1", "1 to 255 bytes each"],
  [`socks5://user:${"s3cret".repeat(50)}@proxy.test:1`, "1 to 255 bytes each"],
])("%j is an error that names the setting and no password, never a direct connection [AD-13]", (url, problem) => {
  for (const [setting, name] of [
    ["httpProxy", "HTTP_PROXY"],
    ["httpsProxy", "HTTPS_PROXY"],
    ["allProxy", "ALL_PROXY"],
  ] as const) {
    const error = thrownBy({ [setting]: url });
    expect(error).toMatchObject({ code: "bad_upstream", message: expect.stringContaining(`${name}: `) });
    expect(error.message).toContain(problem);
    expect(error.message).not.toContain("s3cret");
    expect(String(error.cause ?? "")).not.toContain("s3cret");
  }
});

test("no text makes the parser throw anything but bad_upstream, and no message holds what stands before an @", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z]{12,20}$/), (text, password) => {
      for (const httpsProxy of [text, `http://${text}@proxy.test:1`, `socks5://u:${password}${text}@proxy.test`]) {
        try {
          parseUpstream({ httpsProxy });
        } catch (error) {
          if (!(error instanceof SandboxError)) throw error;
          expect(error.code).toBe("bad_upstream");
          expect(error.message).not.toContain(password);
        }
      }
    }),
  );
});

test("plain requests use HTTP_PROXY, tunnels HTTPS_PROXY, and ALL_PROXY stands in for either", () => {
  const routes = (settings: UpstreamSettings) => {
    const upstream = parseUpstream(settings);
    const target = parseHost("a.test", 80);
    return (["forward", "tunnel"] as const).map((purpose) => chooseUpstream(upstream, { target, purpose })?.host);
  };
  expect(routes({ httpProxy: "http.test:1", httpsProxy: "https.test:1", allProxy: "all.test:1" })).toEqual([
    "http.test",
    "https.test",
  ]);
  expect(routes({ httpProxy: "http.test:1", allProxy: "all.test:1" })).toEqual(["http.test", "all.test"]);
  expect(routes({ httpsProxy: "https.test:1", allProxy: "all.test:1" })).toEqual(["all.test", "https.test"]);
  expect(routes({ httpProxy: "http.test:1" })).toEqual(["http.test", undefined]);
  expect(routes({ httpsProxy: "https.test:1" })).toEqual([undefined, "https.test"]);
});

test("without a proxy, or with NO_PROXY=*, there is no upstream", () => {
  expect(parseUpstream({})).toBeNull();
  expect(parseUpstream({ httpProxy: "", httpsProxy: " ", noProxy: "not;read" })).toBeNull();
  expect(parseUpstream({ allProxy: "proxy.test:1", noProxy: "a.test,*" })).toBeNull();
});

const direct = (noProxy: string, host: string, port = 443): boolean => {
  const upstream = parseUpstream({ allProxy: "proxy.test:1", noProxy });
  return chooseUpstream(upstream, { target: parseHost(host, port), purpose: "tunnel" }) === null;
};

test.each([
  ["a.test", ["a.test", "b.a.test", "A.Test.", "c.b.a.test"], ["ba.test", "a.test.x", "test"]],
  [".a.test", ["b.a.test", "c.b.a.test"], ["a.test", "ba.test"]],
  ["*.a.test", ["b.a.test", "c.b.a.test"], ["a.test", "ba.test"]],
  ["x.test, a.test\tb.test,,", ["x.test", "a.test", "b.test"], ["c.test"]],
  ["corp", ["corp", "a.corp"], ["a.corporation"]],
  [".local", ["printer.local"], ["local"]],
  ["bücher.test", ["xn--bcher-kva.test"], ["bucher.test"]],
  ["10.0.0.0/8", ["10.1.2.3", "0x0a010203"], ["11.0.0.1", "a10.test"]],
  ["192.0.2.1", ["192.0.2.1"], ["192.0.2.11", "192.0.2.10"]],
  ["fd00::/8", ["fd00::1", "[fdff::1]"], ["fe00::1"]],
  ["::1", ["::1"], ["::2"]],
  ["[2001:db8::1]", ["2001:db8::1"], ["2001:db8::2"]],
])("NO_PROXY=%j covers %j and not %j [AD-13]", (noProxy, covered, others) => {
  expect(covered.filter((host) => !direct(noProxy, host))).toEqual([]);
  expect(others.filter((host) => direct(noProxy, host))).toEqual([]);
});

test.each([
  ["a.test:8080", "b.a.test"],
  [".a.test:8080", "b.a.test"],
  ["192.0.2.0/24:8080", "192.0.2.7"],
  ["[2001:db8::/32]:8080", "2001:db8::5"],
])("NO_PROXY=%s covers that port only", (noProxy, host) => {
  expect([direct(noProxy, host, 8080), direct(noProxy, host, 80)]).toEqual([true, false]);
});

test.each([
  "192.168.*",
  "a.*.test",
  "**.a.test",
  "*a.test",
  "a.test:0",
  "a.test:x",
  "10.0.0.0/33",
  "10.1.2.3/8",
  "http://a.test",
  "a_b.test",
  ".",
  "*.",
])("NO_PROXY=%s is an error that names the entry [AD-13]", (entry) => {
  const error = thrownBy({ allProxy: "proxy.test:1", noProxy: `a.test,${entry},*` });
  expect(error.code).toBe("bad_upstream");
  expect(error.message).toContain("NO_PROXY: ");
  expect(error.message).toContain(JSON.stringify(entry));
});

test("of an environment's variables the lower-case one wins, and an empty one is none", () => {
  const environment = { https_proxy: "low.test:1", HTTPS_PROXY: "up.test:1", http_proxy: "", HTTP_PROXY: "up.test:2" };
  expect(upstreamFromEnvironment(environment)).toMatchObject({
    tunnel: { host: "low.test" },
    forward: { host: "up.test", port: 2 },
  });
  expect(upstreamFromEnvironment({ PATH: "/bin", NO_PROXY: "a.test" })).toBeNull();
  expect(() => upstreamFromEnvironment({ all_proxy: "gopher://x:1" })).toThrow(/^all_proxy: /);
  expect(() => upstreamFromEnvironment({ ALL_PROXY: "x.test:1", NO_PROXY: "x/y" })).toThrow(/^NO_PROXY: /);
});

function thrownBy(settings: UpstreamSettings): SandboxError {
  try {
    parseUpstream(settings);
  } catch (error) {
    if (error instanceof SandboxError) return error;
    throw error;
  }
  throw new Error("the settings were taken");
}
