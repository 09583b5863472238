import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findLauncher } from "../src/linux/find-launcher.ts";
import { openTestSandbox } from "./open-test-sandbox.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

test("without bubblewrap the environment alone confines, and the reason says what to type", async () => {
  await using it = await openTestSandbox({ searchPath: "/nowhere", environment: { AWS_SECRET_ACCESS_KEY: "s3cret" } });
  expect(it.sandbox.enforcement).toBe("env-only");
  expect(it.sandbox.enforcementReason).toContain("bwrap is not on the PATH");
  expect(it.sandbox.warnings.map((warning) => warning.code)).toEqual(["sandbox_unavailable"]);
  const result = await it.sh("env; curl -sS https://example.test; sleep 60 & true");
  expect(result.output).not.toContain("s3cret");
  expect(result.output).toContain("403");
  const anonymous = await it.sh(`curl -sS -x http://127.0.0.1:${it.sandbox.proxy?.port} https://example.test`);
  expect(anonymous.output).toContain("407");
});

test("a proxy that cannot listen is null with a warning, and commands run without it", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  const httpPort = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await using it = await openTestSandbox({ searchPath: "/nowhere", ports: { httpPort, socksPort: 0 } });
    expect(it.sandbox.proxy).toBeNull();
    expect(it.sandbox.warnings.map((warning) => warning.code)).toContain("http_proxy_unavailable");
    expect((await it.sh("echo works; printenv HTTPS_PROXY || echo none")).output).toBe("works\nnone\n");
  } finally {
    taken.close();
  }
});

test("a launcher that a command could have written is not trusted (LF-25)", () => {
  using place = temporaryDirectory();
  const bin = join(place.path, "bin");
  mkdirSync(bin);
  copyFileSync("/bin/true", join(bin, "bwrap"));
  chmodSync(join(bin, "bwrap"), 0o755);
  const search = (searchPath: string) => findLauncher({ name: "bwrap", searchPath, writableDirectories: ["/work"] });
  expect(search(bin)).toMatchObject({ kind: "untrusted", path: join(bin, "bwrap") });
  expect(search("bin:.:relative/bin:")).toEqual({ kind: "missing", name: "bwrap" });
});
