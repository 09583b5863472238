import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { Host } from "../rig.ts";
import { openHttpUpstream, openSocks5Upstream } from "./corporate-proxies.ts";

const program = join(import.meta.dirname, "../../programs/run-main.ts");

test.each([
  ["http", openHttpUpstream],
  ["socks5", openSocks5Upstream],
] as const)(
  "a confined command reaches an allowed host through an %s upstream, and no other host",
  async (scheme, open) => {
    await using host = await Host.open((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
    });
    await using corporate = await open({ auth: { username: "u", password: "p" } });
    using directory = temporaryDirectory();
    const place = `a.test:${host.port}`;
    const rules = [
      "--no-default-allowlist",
      "--allow",
      place,
      "--upstream",
      `${scheme}://u:p@127.0.0.1:${corporate.port}`,
    ];
    const curl = (url: string) => {
      const command = ["curl", "--silent", "--show-error", "--proxytunnel", url];
      return promisify(execFile)(process.execPath, [program, "run", ...rules, "--", ...command], {
        cwd: directory.path,
      });
    };
    expect(await curl(`http://${place}/`)).toMatchObject({ stdout: "hi" });
    await expect(curl(`http://b.test:${host.port}/`)).rejects.toMatchObject({
      stderr: expect.stringContaining("no rule allows b.test"),
    });
    expect(corporate.asked).toEqual([place]);
  },
);
