import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { findOwners } from "../src/ports/find-owner.ts";
import { openServer } from "./port-rig.ts";

test("of two that hold what is looked for, the first found is the owner", async () => {
  await using own = await openServer((socket) => socket.end());
  const script = `require("node:net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const ports = [own.port, Number((await once(child.stdout, "data"))[0])];
    const commands = [
      { pid: child.pid ?? 0, clientId: "first" },
      { pid: process.pid, clientId: "second" },
    ];
    const isOne = (entry: { isListening: boolean; localPort: number }): boolean =>
      entry.isListening && ports.includes(entry.localPort);
    expect(await findOwners([isOne], commands, 10_000)).toEqual(["first"]);
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
});

test("a process with thousands of descriptors does not keep the event loop from its turns", async () => {
  const descriptors = Array.from({ length: 5_120 }, () => openSync("/dev/null", "r"));
  await using server = await openServer((socket) => socket.end()); // its descriptor is the last to be looked at
  let turns = 0;
  let isOver = false;
  const counting = (async () => {
    for (; !isOver; turns += 1) await nextTurn();
  })();
  try {
    let turnsBefore = 0;
    const isServer = (entry: { isListening: boolean; localPort: number }): boolean => {
      turnsBefore = turns; // until here the table was read, not the descriptors
      return entry.isListening && entry.localPort === server.port;
    };
    expect(await findOwners([isServer], [{ pid: process.pid, clientId: "many" }], 60_000)).toEqual(["many"]);
    expect(turns - turnsBefore).toBeGreaterThanOrEqual(9);
  } finally {
    isOver = true;
    await counting;
    for (const descriptor of descriptors) closeSync(descriptor);
  }
});
