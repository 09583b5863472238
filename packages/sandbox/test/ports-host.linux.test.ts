import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { openTestSandbox } from "./open-test-sandbox.ts";
import { bulkHash, bulkInside, hashBulk, isOpen, openServer, record, sendBulk, startInside } from "./port-rig.ts";

const greet = (socket: Socket): void => void socket.end("from the host\n");

describe("a port of the host that is opened to a sandbox", () => {
  test("is found at 127.0.0.1 and ::1 inside, recorded under the call, and counted", async () => {
    await using server = await openServer(greet);
    await using it = await openTestSandbox();
    const { events } = record(it.sandbox);
    const port = await it.sandbox.openHostPort(server.port, { sandboxPort: 5432 });
    const { output } = await it.sh("cat < /dev/tcp/127.0.0.1/5432; cat < /dev/tcp/::1/5432");
    expect(output).toBe("from the host\nfrom the host\n");
    const rule = `--host-port ${server.port}:5432`;
    const seen = { clientId: "call-1", protocol: "host-port", host: "127.0.0.1", port: server.port, rule };
    expect(events.filter(({ kind }) => kind === "open")).toMatchObject([seen, seen]);
    expect(port).toMatchObject({ kind: "host-port", hostPort: server.port, sandboxPort: 5432 });
    expect(port.stats()).toMatchObject({ active: 0, opened: 2, failed: 0, bytesUp: 0, bytesDown: 28 });
    expect(it.sandbox.ports).toEqual([port]);
  });

  test("leads to ::1 of the host where nothing listens at 127.0.0.1", async () => {
    await using server = await openServer(greet, "::1");
    await using it = await openTestSandbox();
    await it.sandbox.openHostPort(server.port);
    expect((await it.sh(`cat < /dev/tcp/127.0.0.1/${server.port}`)).output).toBe("from the host\n");
  });

  test("is no other port: what was not asked for is reached neither before nor beside it", async () => {
    let reached = 0;
    const count = (socket: Socket): void => {
      reached += 1;
      greet(socket);
    };
    await using asked = await openServer(count);
    await using other = await openServer(count);
    await using it = await openTestSandbox();
    const knock = (at: number): string => `(cat < /dev/tcp/127.0.0.1/${at}) 2>/dev/null || echo closed`;
    expect((await it.sh(knock(asked.port))).output).toBe("closed\n");
    const port = await it.sandbox.openHostPort(asked.port);
    expect((await it.sh(`${knock(other.port)}; ${knock(asked.port)}`)).output).toBe("closed\nfrom the host\n");
    await port[Symbol.asyncDispose]();
    expect((await it.sh(knock(asked.port))).output).toBe("closed\n");
    expect(reached).toBe(1);
    expect(it.sandbox.ports).toEqual([]);
  });

  test("is open to its own sandbox and to no other", async () => {
    await using server = await openServer(greet);
    await using mine = await openTestSandbox();
    await using other = await openTestSandbox();
    await mine.sandbox.openHostPort(server.port, { sandboxPort: 5432 });
    const knock = "(cat < /dev/tcp/127.0.0.1/5432) 2>/dev/null || echo closed";
    expect((await other.sh(knock)).output).toBe("closed\n");
    expect(await isOpen(5432)).toBe(false);
  });

  test("carries 64 MiB each way at once, unharmed", async () => {
    const hashes: Promise<string>[] = [];
    await using server = await openServer((socket) => {
      hashes.push(hashBulk(socket));
      sendBulk(socket);
    });
    await using it = await openTestSandbox();
    const port = await it.sandbox.openHostPort(server.port);
    const script = `${bulkInside}
      const socket = require("node:net").connect({ host: "127.0.0.1", port: ${server.port}, allowHalfOpen: true });
      hashBulk(socket).then((hash) => console.log(hash));
      sendBulk(socket);`;
    const run = await it.sandbox.run({
      argv: [process.execPath, "-e", script],
      clientId: "bulk",
      isReadOnly: false,
      timeoutMs: 60_000,
    });
    expect(run.output).toBe(`${bulkHash}\n`);
    expect(await Promise.all(hashes)).toEqual([bulkHash]);
    expect(port.stats()).toMatchObject({ bytesUp: 67_108_864, bytesDown: 67_108_864 });
  }, 90_000);

  test("keeps a half-closed connection: an answer comes after the client has ended", async () => {
    await using server = await openServer((socket) => {
      let text = "";
      socket.on("data", (bytes) => {
        text += bytes;
      });
      socket.on("end", () => socket.end(`heard ${text}`));
    });
    await using it = await openTestSandbox();
    await it.sandbox.openHostPort(server.port);
    const script = `const socket = require("node:net").connect({ host: "127.0.0.1", port: ${server.port}, allowHalfOpen: true });
      socket.end("all of it"); socket.pipe(process.stdout);`;
    const run = await it.sandbox.run({
      argv: [process.execPath, "-e", script],
      clientId: "half",
      isReadOnly: false,
      timeoutMs: 20_000,
    });
    expect(run.output).toBe("heard all of it");
  });

  test("takes 200 connections at once, each under its call", async () => {
    await using server = await openServer((socket) => socket.pipe(socket));
    await using it = await openTestSandbox();
    const { events } = record(it.sandbox);
    const port = await it.sandbox.openHostPort(server.port);
    const script = `const { connect } = require("node:net");
      const ask = (n) => new Promise((resolve) => {
        const socket = connect({ host: "127.0.0.1", port: ${server.port}, allowHalfOpen: true });
        let text = ""; socket.on("data", (bytes) => { text += bytes; }).on("end", () => resolve(text === "number " + n));
        socket.end("number " + n);
      });
      Promise.all(Array.from({ length: 200 }, (_, n) => ask(n))).then((all) => console.log(all.filter(Boolean).length));`;
    const run = await it.sandbox.run({
      argv: [process.execPath, "-e", script],
      clientId: "many",
      isReadOnly: false,
      timeoutMs: 60_000,
    });
    expect(run.output).toBe("200\n");
    expect(port.stats()).toMatchObject({ active: 0, opened: 200 });
    const open = events.filter(({ kind }) => kind === "open");
    expect(new Set(open.map(({ clientId }) => clientId))).toEqual(new Set(["many"]));
    expect(new Set(open.map(({ id }) => id)).size).toBe(200);
  }, 90_000);

  test("closes its connections when it is removed, on both sides, and says so", async () => {
    let ended: Promise<unknown> | undefined;
    await using server = await openServer((socket) => {
      ended = once(socket, "end");
      socket.resume().write("hello");
    });
    await using it = await openTestSandbox();
    const { until } = record(it.sandbox);
    const port = await it.sandbox.openHostPort(server.port);
    const script = `const socket = require("node:net").connect(${server.port}, "127.0.0.1");
      socket.once("data", () => console.log("connected"));
      socket.on("error", () => undefined).on("close", () => { console.log("cut off"); process.exit(); });`;
    const inside = await startInside(it.sandbox, script);
    const said = once(inside.stdout ?? inside.child, "data");
    await port[Symbol.asyncDispose]();
    expect(String((await said)[0])).toBe("cut off\n");
    await ended;
    expect(await until(({ kind }) => kind === "closed")).toMatchObject({
      reason: "the port was closed",
      clientId: "server",
    });
    expect(port.stats().active).toBe(0);
    await inside.exited;
  });

  test("cuts a client off where nothing listens on the host, and says which port it was", async () => {
    const server = await openServer(greet);
    await server[Symbol.asyncDispose]();
    await using it = await openTestSandbox();
    const { until } = record(it.sandbox);
    await it.sandbox.openHostPort(server.port, { sandboxPort: 5432 });
    const { output } = await it.sh("cat < /dev/tcp/127.0.0.1/5432 || echo cut off");
    expect(output).toContain("cut off");
    expect(await until(({ kind }) => kind === "failed")).toMatchObject({
      reason: `nothing listens on port ${server.port} of this machine`,
      clientId: "call-1",
    });
  });
});
