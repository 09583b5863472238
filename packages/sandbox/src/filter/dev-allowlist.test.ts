import { expect, test } from "vitest";
import { DEFAULT_DEV_ALLOWLIST, devAllowlistFilter } from "./dev-allowlist.ts";
import { parseHostPattern } from "./host-pattern.ts";
import { parseAuthority } from "./target.ts";

const kindOf = (authority: string): string => devAllowlistFilter().decide(parseAuthority(authority)).kind;

test("the list is parsed once: every call gives the same filter", () => {
  expect(devAllowlistFilter()).toBe(devAllowlistFilter());
  expect(devAllowlistFilter().size).toBe(DEFAULT_DEV_ALLOWLIST.length);
});

test("nobody can change the list", () => {
  expect(Object.isFrozen(DEFAULT_DEV_ALLOWLIST)).toBe(true);
});

test.each([
  ["GitHub", "github.com:443 github.com:22 api.github.com:443 codeload.github.com:443 ssh.github.com:443"],
  ["GitHub's content", "raw.githubusercontent.com:443 objects.githubusercontent.com:443"],
  ["GitHub's releases", "release-assets.githubusercontent.com:443 github-cloud.s3.amazonaws.com:443"],
  ["GitHub's packages", "npm.pkg.github.com:443 ghcr.io:443 pkg-containers.githubusercontent.com:443"],
  ["GitLab", "gitlab.com:443 gitlab.com:22 altssh.gitlab.com:443 registry.gitlab.com:443"],
  ["Bitbucket", "bitbucket.org:443 bitbucket.org:22 altssh.bitbucket.org:443 api.bitbucket.org:443"],
  ["npm and Yarn", "registry.npmjs.org:443 registry.yarnpkg.com:443 repo.yarnpkg.com:443"],
  ["JSR and Deno", "jsr.io:443 npm.jsr.io:443 deno.land:443 dl.deno.land:443"],
  ["PyPI", "pypi.org:443 files.pythonhosted.org:443 upload.pypi.org:443"],
  ["crates.io", "crates.io:443 index.crates.io:443 static.crates.io:443"],
  ["Go", "proxy.golang.org:443 sum.golang.org:443"],
  ["Maven and Gradle", "repo.maven.apache.org:443 repo1.maven.org:443 plugins-artifacts.gradle.org:443"],
  ["RubyGems and NuGet", "rubygems.org:443 index.rubygems.org:443 api.nuget.org:443"],
  ["Packagist and Hex", "packagist.org:443 repo.packagist.org:443 hex.pm:443 repo.hex.pm:443"],
  ["Debian", "deb.debian.org:80 deb.debian.org:443 security.debian.org:80"],
  ["Ubuntu", "archive.ubuntu.com:80 de.archive.ubuntu.com:80 security.ubuntu.com:80 ports.ubuntu.com:80"],
  ["Alpine", "dl-cdn.alpinelinux.org:443"],
  ["Docker Hub", "registry-1.docker.io:443 auth.docker.io:443 production.cloudflare.docker.com:443"],
  ["Quay", "quay.io:443 cdn01.quay.io:443"],
])("%s works out of the box", (_name, authorities) => {
  for (const authority of authorities.split(" ")) expect([authority, kindOf(authority)]).toEqual([authority, "allow"]);
});

test.each([
  "registry.npmjs.org:22",
  "github.com:8080",
  "ssh.github.com:22",
  "githubusercontent.com:443",
  "a.b.githubusercontent.com:443",
  "evilgithub.com:443",
  "github.com.evil.io:443",
  "anybody.github.io:443",
  "anybody.gitlab.io:443",
  "s3.amazonaws.com:443",
  "anybody.s3.amazonaws.com:443",
  "anybody.r2.cloudflarestorage.com:443",
  "storage.googleapis.com:443",
  "169.254.169.254:80",
  "localhost:80",
])("%s is closed by default", (authority) => {
  expect(kindOf(authority)).toBe("deny");
});

// SECURITY: a copy, so that opening a host by default takes two deliberate edits.
test("these hosts and no others are open by default", () => {
  expect(DEFAULT_DEV_ALLOWLIST).toEqual([
    "github.com",
    "github.com:22",
    "api.github.com",
    "codeload.github.com",
    "uploads.github.com",
    "ssh.github.com:443",
    "*.githubusercontent.com",
    "github-cloud.s3.amazonaws.com",
    "npm.pkg.github.com",
    "maven.pkg.github.com",
    "nuget.pkg.github.com",
    "rubygems.pkg.github.com",
    "gitlab.com",
    "gitlab.com:22",
    "altssh.gitlab.com:443",
    "registry.gitlab.com",
    "cdn.registry.gitlab-static.net",
    "bitbucket.org",
    "bitbucket.org:22",
    "altssh.bitbucket.org:443",
    "api.bitbucket.org",
    "bbuseruploads.s3.amazonaws.com",
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
    "plugins-artifacts.gradle.org",
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
    "production.cloudfront.docker.com",
    "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com",
    "ghcr.io",
    "quay.io",
    "*.quay.io",
  ]);
});

test("no default rule opens a private range, an address, a whole zone of names, or more than one port beside the web's", () => {
  for (const pattern of DEFAULT_DEV_ALLOWLIST.map(parseHostPattern)) {
    expect(pattern.ports === "default" || pattern.ports === 22 || pattern.ports === 443).toBe(true);
    expect(pattern.kind === "exact" || (pattern.kind === "suffix" && pattern.depth === "one")).toBe(true);
  }
});
