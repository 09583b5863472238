import { expect, test } from "vitest";
import { parseProxyArgs } from "./proxy-args.ts";

test("without flags both proxies take a free loopback port and the default list", () => {
  expect(parseProxyArgs([])).toEqual({
    kind: "args",
    args: {
      httpPort: 0,
      socksPort: 0,
      listen: { kind: "address", host: "127.0.0.1" },
      rules: { allow: [], allowPrivate: [], deny: [] },
      rulesPath: null,
      isDefaultAllowlistUsed: true,
      credentials: null,
      logPath: null,
      upstream: { proxy: true },
    },
  });
});

test("every flag has its place, and rules add up", () => {
  const line =
    "--http-port 3128 --allow a.test --allow *.b.test --allow-private localhost:3000 --deny c.test --rules r.json --no-default-allowlist --listen ::1 --auth u:p:q --log - --upstream http://proxy.test:3128 --no-proxy b.test,10.0.0.0/8";
  expect(parseProxyArgs(line.split(" "))).toEqual({
    kind: "args",
    args: {
      httpPort: 3128,
      socksPort: null,
      listen: { kind: "address", host: "::1" },
      rules: { allow: ["a.test", "*.b.test"], allowPrivate: ["localhost:3000"], deny: ["c.test"] },
      rulesPath: "r.json",
      isDefaultAllowlistUsed: false,
      credentials: { username: "u", password: "p:q" },
      logPath: "-",
      upstream: { upstream: "http://proxy.test:3128", proxy: "b.test,10.0.0.0/8" },
    },
  });
});

test.each([
  [["--http-port", "65536"]],
  [["--http-port", "http"]],
  [["--listen", "localhost"]],
  [["--listen", "unix:"]],
  [["--listen", "0.0.0.0"]],
  [["--listen", "::"]],
  [["--auth", "nocolon"]],
  [["--auth", ":p"]],
  [["--unknown"]],
  [["stray"]],
])("%j is a wrong command line that says why", (argv) => {
  expect(parseProxyArgs(argv)).toMatchObject({ kind: "exit", status: 2, text: expect.stringMatching(/^error: ./) });
});

test("an address that others can reach is served with credentials only", () => {
  expect(parseProxyArgs(["--listen", "0.0.0.0", "--auth", "u:p"])).toMatchObject({ kind: "args" });
});

test("--no-upstream is a flag of its own", () => {
  expect(parseProxyArgs(["--no-upstream"])).toMatchObject({ args: { upstream: { upstream: false, proxy: true } } });
});

test("--help is no failure", () => {
  expect(parseProxyArgs(["--help"])).toMatchObject({ kind: "exit", status: 0 });
});
