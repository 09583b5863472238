import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { openUpstream } from "../../../src/proxy/upstream/open-upstream.ts";
import { parseUpstreamUrl } from "../../../src/proxy/upstream/parse-upstream-url.ts";
import { eventually, Host } from "../rig.ts";

test("a target that was not normalised sends not one byte to the upstream, which is left [AD-13] [HP-16]", async () => {
  await using seen = await Host.open((socket) => socket.resume());
  for (const scheme of ["http", "socks5"]) {
    const proxy = parseUpstreamUrl(`${scheme}://127.0.0.1:${seen.port}`, "ALL_PROXY");
    const socket = connect(seen.port, "127.0.0.1");
    await once(socket, "connect");
    const target = { host: "a.test\r\nX: y", port: 443 };
    const opened = openUpstream({ socket, proxy, target, purpose: "tunnel", signal: new AbortController().signal });
    if (scheme === "http") await expect(opened).rejects.toMatchObject({ code: "bad_target" });
    else expect(await opened).toMatchObject({ kind: "failed" });
    expect(socket.destroyed).toBe(true);
  }
  await eventually(() => seen.sockets.length === 2 && seen.sockets.every((socket) => socket.readableEnded));
  expect(seen.sockets.map((socket) => socket.bytesRead)).toEqual([0, 0]);
});
