import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../src/ports/dial-helper.ts", import.meta.url));

test("the helper gives up a connection that nobody takes, after the time it was given", async () => {
  // Listens and never accepts: once its queue of two is full, the kernel answers nobody.
  const script = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
    require("node:fs").writeSync(1, String(this.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const server = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const port = Number((await once(server.stdout, "data"))[0]);
  const fillers = Array.from({ length: 2 }, () => connect({ host: "127.0.0.1", port }));
  await Promise.all(fillers.map((socket) => once(socket, "connect")));
  const helper = fork(program, ["200"]);
  try {
    await once(helper, "message");
    helper.send({ id: 7, port });
    expect((await once(helper, "message"))[0]).toEqual({ kind: "failed", id: 7, code: "ETIMEDOUT" });
  } finally {
    const closed = [server, helper].map((child) => once(child, "close"));
    for (const socket of fillers) socket.on("error", () => undefined).destroy();
    for (const child of [server, helper]) child.kill("SIGKILL");
    await Promise.all(closed);
  }
});
