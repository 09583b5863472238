import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { openTestSandbox } from "./open-test-sandbox.ts";
import { askPort, bulkHash, bulkInside, hashBulk, isOpen, readAll, record, sendBulk, startInside } from "./port-rig.ts";

/** Answers what it was sent, when the client has ended. */
const echo = (port: number, host = "127.0.0.1"): string => `
  require("node:net").createServer({ allowHalfOpen: true }, (socket) => {
    let text = "";
    socket.on("data", (bytes) => { text += bytes; }).on("end", () => socket.end("heard " + text)).on("error", () => undefined);
  }).listen(${port}, "${host}", () => console.log("up"));`;

describe("a port of a sandbox that is published", () => {
  test("is found at the host's 127.0.0.1, half-closed connections too, recorded under the call that serves it", async () => {
    await using it = await openTestSandbox();
    const { until } = record(it.sandbox);
    const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
    await startInside(it.sandbox, echo(3000), "dev-server");
    expect(await askPort(port.hostPort, "all of it")).toBe("heard all of it");
    expect(await until(({ kind }) => kind === "closed")).toMatchObject({
      clientId: "dev-server",
      protocol: "publish",
      host: "127.0.0.1",
      port: 3000,
      bytesUp: 9,
      bytesDown: 15,
    });
    expect(port).toMatchObject({ kind: "publish", sandboxPort: 3000 });
  });

  test("keeps a connection that the server half-closed: what the client says afterwards arrives", async () => {
    await using it = await openTestSandbox();
    const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
    const script = `require("node:net").createServer({ allowHalfOpen: true }, (socket) => {
        let text = "";
        socket.on("data", (bytes) => { text += bytes; }).on("end", () => console.log(text));
        socket.end("over");
      }).listen(3000, "127.0.0.1", () => console.log("up"));`;
    const inside = await startInside(it.sandbox, script);
    const said = once(inside.stdout ?? inside.child, "data");
    const socket = connect({ host: "127.0.0.1", port: port.hostPort, allowHalfOpen: true }).resume();
    await once(socket, "end");
    socket.end("and afterwards");
    expect(String((await said)[0])).toBe("and afterwards\n");
  });

  test("leads to ::1 of the sandbox where nothing listens at 127.0.0.1", async () => {
    await using it = await openTestSandbox();
    const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
    await startInside(it.sandbox, echo(3000, "::1"));
    expect(await askPort(port.hostPort, "hi")).toBe("heard hi");
  });

  test("is no other port and no other address: nothing is reached before, beside or after it", async () => {
    await using it = await openTestSandbox();
    await startInside(it.sandbox, echo(3000).replace("127.0.0.1", "0.0.0.0"));
    await startInside(it.sandbox, echo(3001).replace("127.0.0.1", "0.0.0.0"));
    expect([await isOpen(3000), await isOpen(3001)]).toEqual([false, false]);
    const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
    expect([await isOpen(3000), await isOpen(3001), await isOpen(port.hostPort)]).toEqual([false, false, true]);
    const others = Object.values(networkInterfaces()).flatMap(
      (each) => each?.filter(({ internal }) => !internal) ?? [],
    );
    for (const { address } of others.filter(({ family }) => family === "IPv4")) {
      const failed = once(connect({ host: address, port: port.hostPort }), "connect").catch((error) => error.code);
      expect(await failed).toBe("ECONNREFUSED");
    }
    await port[Symbol.asyncDispose]();
    expect(await isOpen(port.hostPort)).toBe(false);
  });

  test("carries 64 MiB each way at once, unharmed", async () => {
    await using it = await openTestSandbox();
    const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
    const script = `${bulkInside}
      require("node:net").createServer({ allowHalfOpen: true }, (socket) => {
        hashBulk(socket).then((hash) => console.log(hash));
        sendBulk(socket);
      }).listen(3000, "127.0.0.1", () => console.log("up"));`;
    const inside = await startInside(it.sandbox, script);
    const said = once(inside.stdout ?? inside.child, "data");
    const socket = connect({ host: "127.0.0.1", port: port.hostPort, allowHalfOpen: true });
    const hash = hashBulk(socket);
    sendBulk(socket);
    expect(await hash).toBe(bulkHash);
    expect(String((await said)[0])).toBe(`${bulkHash}\n`);
  }, 90_000);

  test("takes 200 connections at once", async () => {
    await using it = await openTestSandbox();
    const { events } = record(it.sandbox);
    const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
    await startInside(it.sandbox, echo(3000));
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => askPort(port.hostPort, `${n}`)));
    expect(answers).toEqual(Array.from({ length: 200 }, (_, n) => `heard ${n}`));
    const owners = new Set(events.filter(({ kind }) => kind === "open").map(({ clientId }) => clientId));
    owners.delete(null); // on a busy machine the owner of some is not found in time
    expect([...owners].every((owner) => owner === "server")).toBe(true);
  }, 90_000);

  test("cuts off what comes while nothing listens inside, and serves once something does", async () => {
    await using it = await openTestSandbox();
    const { until } = record(it.sandbox);
    const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
    expect(await askPort(port.hostPort, "early")).toBe("");
    expect(await until(({ kind }) => kind === "failed")).toMatchObject({
      reason: "nothing listens on port 3000 of the sandbox",
      clientId: null,
    });
    await startInside(it.sandbox, echo(3000));
    expect(await askPort(port.hostPort, "late")).toBe("heard late");
  });

  test("closes its connections when it is removed", async () => {
    await using it = await openTestSandbox();
    const { until } = record(it.sandbox);
    const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
    await startInside(it.sandbox, echo(3000));
    const socket = connect({ host: "127.0.0.1", port: port.hostPort });
    const ended = readAll(socket);
    await until(({ kind }) => kind === "open");
    await port[Symbol.asyncDispose]();
    expect(await ended).toBe("");
    expect(await until(({ kind }) => kind === "closed")).toMatchObject({ reason: "the port was closed" });
  });
});
