import { expect, test } from "vitest";
import { DEFAULT_DEV_ALLOWLIST, devAllowlistFilter } from "./dev-allowlist.ts";
import { parseAuthority } from "./target.ts";

test("the list is parsed once: every call gives the same filter", () => {
  expect(devAllowlistFilter()).toBe(devAllowlistFilter());
  expect(devAllowlistFilter().size).toBe(DEFAULT_DEV_ALLOWLIST.length);
});

test("nobody can change the list", () => {
  expect(Object.isFrozen(DEFAULT_DEV_ALLOWLIST)).toBe(true);
});

test.each([
  "github.com:443",
  "github.com:22",
  "raw.githubusercontent.com:443",
  "registry.npmjs.org:443",
  "pypi.org:443",
])("%s is allowed", (authority) => {
  expect(devAllowlistFilter().decide(parseAuthority(authority)).kind).toBe("allow");
});

test.each([
  "registry.npmjs.org:22",
  "githubusercontent.com:443",
  "a.b.githubusercontent.com:443",
  "evilgithub.com:443",
  "github.com.evil.io:443",
  "169.254.169.254:80",
  "localhost:80",
])("%s is not", (authority) => {
  expect(devAllowlistFilter().decide(parseAuthority(authority)).kind).toBe("deny");
});

// SECURITY: a copy, so that opening a host by default takes two deliberate edits.
test("these hosts and no others are open by default", () => {
  expect(DEFAULT_DEV_ALLOWLIST).toEqual([
    "github.com",
    "github.com:22",
    "api.github.com",
    "codeload.github.com",
    "uploads.github.com",
    "ssh.github.com",
    "*.githubusercontent.com",
    "github-cloud.s3.amazonaws.com",
    "npm.pkg.github.com",
    "maven.pkg.github.com",
    "nuget.pkg.github.com",
    "rubygems.pkg.github.com",
    "gitlab.com",
    "gitlab.com:22",
    "registry.gitlab.com",
    "bitbucket.org",
    "bitbucket.org:22",
    "api.bitbucket.org",
    "registry.npmjs.org",
    "*.npmjs.org",
    "registry.yarnpkg.com",
    "repo.yarnpkg.com",
    "nodejs.org",
    "jsr.io",
    "npm.jsr.io",
    "deno.land",
    "dl.deno.land",
    "esm.sh",
    "pypi.org",
    "*.pypi.org",
    "files.pythonhosted.org",
    "crates.io",
    "static.crates.io",
    "index.crates.io",
    "static.rust-lang.org",
    "proxy.golang.org",
    "sum.golang.org",
    "go.dev",
    "golang.org",
    "repo.maven.apache.org",
    "repo1.maven.org",
    "plugins.gradle.org",
    "services.gradle.org",
    "rubygems.org",
    "index.rubygems.org",
    "api.nuget.org",
    "www.nuget.org",
    "packagist.org",
    "repo.packagist.org",
    "hex.pm",
    "repo.hex.pm",
    "builds.hex.pm",
    "deb.debian.org",
    "security.debian.org",
    "archive.ubuntu.com",
    "*.archive.ubuntu.com",
    "security.ubuntu.com",
    "ports.ubuntu.com",
    "dl-cdn.alpinelinux.org",
    "*.docker.io",
    "production.cloudflare.docker.com",
    "ghcr.io",
    "quay.io",
    "*.quay.io",
  ]);
});
