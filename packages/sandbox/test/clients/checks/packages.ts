import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { archive } from "../archive.ts";
import type { ClientCheck } from "../client-check.ts";
import { HELLO } from "../origin.ts";

/** Package managers beside those of npm's registry and Python's. */
export const packages: readonly ClientCheck[] = [
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
    // `vendor` fetches without a compiler. Before 1.68 cargo takes such an index only as an unstable feature.
    script: ({ tls }) => `
      mkdir .cargo src; echo > src/lib.rs
      printf '[registries.site]\\nindex = "sparse+${tls}/crates/"\\n[net]\\nretry = 0\\n[unstable]\\nsparse-registry = true\\n' > .cargo/config.toml
      printf '[package]\\nname = "a"\\nversion = "1.0.0"\\n[dependencies]\\nhello-package = { version = "1", registry = "site" }\\n' > Cargo.toml
      RUSTC_BOOTSTRAP=1 cargo vendor && cat vendor/hello-package/src/lib.rs`,
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
