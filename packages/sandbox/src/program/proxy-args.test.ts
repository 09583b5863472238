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

test("--help is no failure, and says everything", () => {
  const help = parseProxyArgs(["--help"]);
  expect(help).toMatchObject({ kind: "exit", status: 0 });
  expect(help.kind === "exit" && help.text).toMatchInlineSnapshot(`
    "Usage: koda-sandbox proxy [options]

    Run the filtering HTTP and SOCKS5 proxies by themselves. Without a port flag
    both take a free port.

    Options:
      --http-port <port>         listen for HTTP; 0 is any free port
      --socks-port <port>        listen for SOCKS5; 0 is any free port
      --listen <place>           an IP address, or unix:PATH (SOCKS5 then listens on
                                 PATH.socks5) (default: "127.0.0.1")
      --allow <pattern>          a host that may be reached; may be repeated
                                 (default: none)
      --allow-private <pattern>  the same, wherever the host lies: loopback, private
                                 ranges; may be repeated (default: none)
      --deny <pattern>           a host that may not, whatever else says it may; may
                                 be repeated (default: none)
      --rules <file>             JSON with allow, allowPrivate and deny; read again
                                 on SIGHUP
      --no-default-allowlist     start from nothing instead of the hosts that
                                 developers' tools need
      --auth <user:password>     ask every client for these credentials; without,
                                 every loopback client is served
      --log <file>               append every connection as a JSON line; - is
                                 standard output
      --upstream <url>           send connections through this proxy: http://,
                                 https:// or socks5://[user:pass@]host:port
      --no-upstream              connect directly, whatever HTTP_PROXY, HTTPS_PROXY
                                 and ALL_PROXY say
      --no-proxy <list>          hosts to connect to directly all the same, instead
                                 of those in NO_PROXY
      -h, --help                 display help for command

    Hosts: host, *.host (one label more), **.host (one or more), an address, or a range such as 10.0.0.0/8, each with :port
    or :* (IPv6 in brackets then). Without a port: 80 and 443, for --deny all. A deny wins over everything.

    Prints one JSON line when it listens: {"http":{"host","port","url"},"socks5":{"host","port","url"}}; then, with --log -,
    one JSON line per event of a connection (open, closed, refused, failed). Everything else goes to stderr.

    Upstream proxies are those of HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, unless a flag says otherwise.

    Signals: SIGHUP reads the rules file again; connections that are no longer allowed end, and a file that is wrong changes
    nothing. SIGTERM or SIGINT: accepts no more and lets connections finish for 5 s; a second one ends them at once.

    Exit status: 0 ended by a signal, 1 cannot listen or open the log, bad rules or upstream, 2 a wrong command line.

    "
  `);
});
