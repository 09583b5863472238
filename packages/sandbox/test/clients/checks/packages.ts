import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { archive } from "../archive.ts";
import type { ClientCheck } from "../client-check.ts";
import { HELLO, type Origin } from "../origin.ts";

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

/** Package managers that come with the project's own tools. */
export const packages: readonly ClientCheck[] = [
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
];

/** The others, with programs that `npm test` does not see to. */
export const packagesByHand: readonly ClientCheck[] = [
  {
    name: "Yarn",
    programs: ["yarn"],
    prepare: putNpmPackage,
    // Yarn 1 reads the first file, later ones the second. Yarn 1 gives up over a ~/.npmrc that it may not open.
    script: ({ tls }) => `
      echo '{}' > package.json
      echo 'registry "${tls}/npm/"' > .yarnrc
      printf 'npmRegistryServer: "${tls}/npm"\nnodeLinker: node-modules\n' > .yarnrc.yml
      touch yarn.lock; HOME=$PWD yarn add hello-package && ${sayHello}`,
  },
  {
    name: "bun",
    programs: ["bun"],
    prepare: putNpmPackage,
    script: ({ tls }) => `echo '{}' > package.json; bun add --registry=${tls}/npm/ hello-package && ${sayHello}`,
  },
  {
    name: "pip",
    programs: ["python3"],
    prepare: (origin) => {
      const info = "hello_package-1.0.0.dist-info";
      const wheel = archive("zip", {
        "hello_package/__init__.py": `print(${JSON.stringify(HELLO)})`,
        [`${info}/METADATA`]: "Metadata-Version: 2.1\nName: hello-package\nVersion: 1.0.0\n",
        [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        [`${info}/RECORD`]: "",
      });
      origin.put("simple/hello_package-1.0.0-py3-none-any.whl", wheel);
      const link = `<a href="../hello_package-1.0.0-py3-none-any.whl">hello_package-1.0.0-py3-none-any.whl</a>`;
      origin.put("simple/hello-package/index.html", `<!DOCTYPE html><html><body>${link}</body></html>`);
    },
    script: ({ tls }) =>
      `python3 -m venv v && v/bin/pip install --quiet --retries 0 --index-url ${tls}/simple/ hello-package && v/bin/python -c 'import hello_package'`,
  },
  {
    name: "cargo",
    programs: ["cargo"],
    prepare: (origin) => {
      const crate = archive("tar.gz", {
        "hello-package-1.0.0/Cargo.toml": '[package]\nname = "hello-package"\nversion = "1.0.0"\n',
        "hello-package-1.0.0/src/lib.rs": `// ${HELLO}`,
      });
      const cksum = createHash("sha256").update(crate).digest("hex");
      const line = { name: "hello-package", vers: "1.0.0", deps: [], cksum, features: {}, yanked: false };
      origin.put("crates/config.json", JSON.stringify({ dl: "@ORIGIN@/crates/{crate}-{version}.crate" }));
      origin.put("crates/he/ll/hello-package", `${JSON.stringify(line)}\n`);
      origin.put("crates/hello-package-1.0.0.crate", crate);
    },
    script: ({ tls }) => `
      mkdir .cargo src; echo > src/lib.rs
      printf '[source.crates-io]\\nreplace-with = "site"\\n[source.site]\\nregistry = "sparse+${tls}/crates/"\\n[net]\\nretry = 0\\n' > .cargo/config.toml
      printf '[package]\\nname = "a"\\nversion = "1.0.0"\\n[dependencies]\\nhello-package = "1"\\n' > Cargo.toml
      cargo fetch && cat "$CARGO_HOME"/registry/src/*/hello-package-1.0.0/src/lib.rs`,
  },
  {
    name: "apt, http",
    programs: ["apt-get", "dpkg-deb"],
    prepare: (origin) => {
      using place = temporaryDirectory("koda-deb-");
      mkdirSync(join(place.path, "DEBIAN"));
      const control = `Package: hello-package\nVersion: 1.0\nArchitecture: all\nMaintainer: a <a@test>\nDescription: ${HELLO}\n`;
      execFileSync("sh", ["-c", 'printf %s "$1" > DEBIAN/control && dpkg-deb --build . hello.deb >&2', "sh", control], {
        cwd: place.path,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const deb = execFileSync("cat", [join(place.path, "hello.deb")]);
      const sha256 = createHash("sha256").update(deb).digest("hex");
      origin.put("apt/hello.deb", deb);
      origin.put("apt/Packages", `${control}Filename: hello.deb\nSize: ${deb.length}\nSHA256: ${sha256}\n`);
    },
    script: ({ plain }) => `
      mkdir -p state/lists/partial cache/archives/partial; touch status
      echo 'deb [trusted=yes] ${plain}/apt ./' > sources.list
      options="-qq -o Dir::State=$PWD/state -o Dir::State::status=$PWD/status -o Dir::Cache=$PWD/cache -o Dir::Etc::sourcelist=$PWD/sources.list
        -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root -o Acquire::Retries=0 -o APT::Update::Error-Mode=any"
      apt-get $options update && apt-get $options download hello-package && dpkg-deb --field hello-package*.deb Description`,
  },
  {
    name: "Go modules",
    programs: ["go"],
    prepare: (origin) => {
      origin.put("go/example.test/hello/@v/list", "v1.0.0\n");
      origin.put("go/example.test/hello/@v/v1.0.0.info", '{"Version":"v1.0.0"}');
      origin.put("go/example.test/hello/@v/v1.0.0.mod", "module example.test/hello\n");
    },
    script: ({ tls }) => `GOSUMDB=off GOPROXY=${tls}/go go list -m -versions example.test/hello`,
    expected: "example.test/hello v1.0.0",
  },
];
