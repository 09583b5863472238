import { createHash } from "node:crypto";
import { archive } from "../archive.ts";
import type { ClientCheck } from "../client-check.ts";
import { HELLO, type Origin } from "../origin.ts";
import { yarnPrograms } from "../programs.ts";

/** npm's registry protocol: one document a package, which names its tarballs. */
function putNpmPackage(origin: Origin): void {
  const manifest = { name: "hello-package", version: "1.0.0" };
  const tarball = archive("tar.gz", {
    "package/package.json": JSON.stringify(manifest),
    "package/index.js": `module.exports = ${JSON.stringify(HELLO)};`,
  });
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const dist = { tarball: "@ORIGIN@/npm/hello-package/-/hello-package-1.0.0.tgz", integrity };
  const document = {
    name: manifest.name,
    "dist-tags": { latest: "1.0.0" },
    time: {
      created: "2020-01-01T00:00:00.000Z",
      modified: "2020-01-01T00:00:00.000Z",
      "1.0.0": "2020-01-01T00:00:00.000Z",
    },
    versions: { "1.0.0": { ...manifest, dist } },
  };
  origin.put("npm/hello-package/-/hello-package-1.0.0.tgz", tarball);
  origin.put("npm/hello-package/index.json", JSON.stringify(document));
}

const sayHello = `node -p 'require("hello-package")'`;

/** What installs from npm's registry: the project's own tools, and Yarn as a package. */
export const npmPackages: readonly ClientCheck[] = [
  {
    name: "npm",
    programs: ["npm"],
    prepare: putNpmPackage,
    script: ({ tls }) => `npm install --fetch-retries=0 --registry=${tls}/npm/ hello-package && ${sayHello}`,
  },
  {
    name: "pnpm",
    programs: ["pnpm"],
    prepare: putNpmPackage,
    script: ({ tls }) =>
      `echo '{}' > package.json; pnpm add --config.fetch-retries=0 --registry=${tls}/npm/ hello-package && ${sayHello}`,
  },
  {
    name: "Yarn 1",
    programs: ["node"],
    prepare: putNpmPackage,
    // It tries five times, three seconds apart: one refusal is enough.
    script: ({ tls }) => `
      echo '{}' > package.json; echo 'registry "${tls}/npm/"' > .yarnrc
      while read -r line; do
        echo "$line"
        case $line in *"trouble with your network"*) exit 1 ;; esac
      done < <(node '${yarnPrograms.classic}' add hello-package 2>&1)
      ${sayHello}`,
  },
  {
    name: "Yarn 4",
    programs: ["node"],
    prepare: putNpmPackage,
    script: ({ tls }) => `
      echo '{}' > package.json; touch yarn.lock
      printf 'npmRegistryServer: "${tls}/npm"\nnodeLinker: node-modules\n' > .yarnrc.yml
      node '${yarnPrograms.modern}' add hello-package && ${sayHello}`,
  },
];

/** The same, with a program that `npm test` does not see to. */
export const npmPackagesByHand: readonly ClientCheck[] = [
  {
    name: "bun",
    programs: ["bun"],
    prepare: putNpmPackage,
    script: ({ tls }) => `echo '{}' > package.json; bun add --registry=${tls}/npm/ hello-package && ${sayHello}`,
  },
];
