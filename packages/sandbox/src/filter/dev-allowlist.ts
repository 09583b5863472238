import type { Filter } from "./filter.ts";
import { parseOnce } from "./parse-once.ts";

/**
 * What a developer's tools need out of the box: code hosts, package registries and the hosts their files come from.
 * Hosts that serve any user's uploads are here where a registry cannot work without them, and then by the full name
 * of its own storage. Where that storage has no name of its own it stays closed: large Go modules come from
 * `storage.googleapis.com`, which holds everybody's buckets.
 */
export const DEFAULT_DEV_ALLOWLIST: readonly string[] = Object.freeze([
  // GitHub
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
  // GitLab, Bitbucket
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
  // npm, Yarn, Node
  "registry.npmjs.org",
  "*.npmjs.org",
  "registry.yarnpkg.com",
  "repo.yarnpkg.com",
  "nodejs.org",
  // JSR, Deno
  "jsr.io",
  "npm.jsr.io",
  "deno.land",
  "dl.deno.land",
  "esm.sh",
  // Python
  "pypi.org",
  "*.pypi.org",
  "files.pythonhosted.org",
  // Rust
  "crates.io",
  "static.crates.io",
  "index.crates.io",
  "static.rust-lang.org",
  // Go
  "proxy.golang.org",
  "sum.golang.org",
  "go.dev",
  "golang.org",
  // JVM
  "repo.maven.apache.org",
  "repo1.maven.org",
  "plugins.gradle.org",
  "plugins-artifacts.gradle.org",
  "services.gradle.org",
  // Ruby, .NET, PHP, Elixir
  "rubygems.org",
  "index.rubygems.org",
  "api.nuget.org",
  "www.nuget.org",
  "packagist.org",
  "repo.packagist.org",
  "hex.pm",
  "repo.hex.pm",
  "builds.hex.pm",
  // Linux distributions
  "deb.debian.org",
  "security.debian.org",
  "archive.ubuntu.com",
  "*.archive.ubuntu.com",
  "security.ubuntu.com",
  "ports.ubuntu.com",
  "dl-cdn.alpinelinux.org",
  // Container images
  "*.docker.io",
  "production.cloudflare.docker.com",
  "production.cloudfront.docker.com",
  "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com",
  "ghcr.io",
  "quay.io",
  "*.quay.io",
]);

/**
 * The filter of {@link DEFAULT_DEV_ALLOWLIST}: parsed at the first call, the same instance for ever after.
 * The one value of this package that a module keeps: the list is a constant, so its parsed form is one too,
 * and every session of a process would otherwise parse it again.
 *
 * @throws {SandboxError} `bad_pattern` at the first call, should the list ever hold one, and the same at every other.
 */
export function devAllowlistFilter(): Filter {
  return parsed();
}

const parsed = parseOnce({ allow: DEFAULT_DEV_ALLOWLIST });
