import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { echo, Host } from "../rig.ts";
import { askHttp } from "./ask.ts";
import { openHttpUpstream } from "./corporate-proxies.ts";

const program = join(import.meta.dirname, "../../programs/run-main.ts");
const nodeArgs = [program];

test("koda-sandbox proxy sends connections through the proxy that the environment names", async () => {
  await using host = await Host.open(echo);
  await using corporate = await openHttpUpstream({ auth: { username: "u", password: "p" } });
  const args = ["proxy", "--http-port", "0", "--allow", `a.test:${host.port}`];
  const env = { https_proxy: `http://u:p@127.0.0.1:${corporate.port}` };
  const child = spawn(process.execPath, [...nodeArgs, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const { http } = JSON.parse(String(value));
  using asked = await askHttp(http, "a.test", host.port);
  expect(asked.answer).toBe(200);
  expect(corporate.asked).toEqual([`a.test:${host.port}`]);
});

test.each([
  ["proxy", { HTTP_PROXY: "http://u:s3cret@proxy.test/path" }, "koda-sandbox: HTTP_PROXY: ", 1],
  ["run", { ALL_PROXY: "ftp://u:s3cret@proxy.test" }, "koda-sandbox: ALL_PROXY: ", 125],
])(
  "koda-sandbox %s does not start with a proxy setting that it cannot follow [AD-13]",
  async (command, env, text, code) => {
    const args = command === "run" ? ["run", "--", "true"] : ["proxy"];
    const failed = promisify(execFile)(process.execPath, [...nodeArgs, ...args], { env });
    await expect(failed).rejects.toMatchObject({ code, stderr: expect.stringContaining(text), stdout: "" });
    await expect(failed).rejects.toMatchObject({ stderr: expect.not.stringContaining("s3cret") });
  },
);
