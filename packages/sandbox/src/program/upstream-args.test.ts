import { Command } from "commander";
import { expect, test } from "vitest";
import { SandboxError } from "../errors.ts";
import { parseHost } from "../filter/target.ts";
import { chooseUpstream } from "../proxy/upstream/upstream.ts";
import { addUpstreamFlags, readUpstream, type UpstreamFlags } from "./upstream-args.ts";

/** The upstream host of tunnels to each of three names, by a command line. */
function routes(line: string, variables: Record<string, string>): readonly (string | null)[] {
  const command = addUpstreamFlags(new Command()).exitOverride();
  command.parse(line.split(" ").filter(Boolean), { from: "user" });
  const upstream = readUpstream(command.opts<UpstreamFlags>(), variables);
  return ["a.test", "b.test", "c.test"].map(
    (name) => chooseUpstream(upstream, { target: parseHost(name, 443), purpose: "tunnel" })?.host ?? null,
  );
}

const environment = { HTTPS_PROXY: "http://env.test:1", no_proxy: "a.test" };

test.each([
  ["", environment, [null, "env.test", "env.test"]],
  ["", {}, [null, null, null]],
  ["--no-upstream", environment, [null, null, null]],
  ["--upstream socks5://flag.test", environment, [null, "flag.test", "flag.test"]],
  ["--upstream socks5://flag.test", {}, ["flag.test", "flag.test", "flag.test"]],
  ["--no-proxy b.test,c.test", environment, ["env.test", null, null]],
  ["--upstream socks5://flag.test --no-proxy b.test", environment, ["flag.test", null, "flag.test"]],
])("%j with %j leads to %j", (line, variables, hosts) => {
  expect(routes(line, variables)).toEqual(hosts);
});

test.each([
  ["--upstream nonsense", {}, "--upstream: "],
  ["--upstream socks5://flag.test --no-proxy x/y", environment, "--no-proxy: "],
  ["", { https_proxy: "nonsense" }, "https_proxy: "],
  ["", { ALL_PROXY: "socks5://x.test", NO_PROXY: "x/y" }, "NO_PROXY: "],
])("%j with %j is an error that begins with %j", (line, variables, start) => {
  const error = (() => {
    try {
      return routes(line, variables);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(SandboxError);
  expect(String((error as SandboxError).message)).toMatch(new RegExp(`^${start}`));
});
