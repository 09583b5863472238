import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openTestSandbox, type TestSandbox } from "./open-test-sandbox.ts";
import { askPort, isOpen, openServer, readAll, record, startInside } from "./port-rig.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const program = fileURLToPath(new URL("./programs/open-ports-main.ts", import.meta.url));
const echo = `require("node:net").createServer((socket) => socket.on("error", () => null).pipe(socket)).listen(3000, () => console.log("up"))`;

/** Processes whose environment has this `TZ`; it reaches everything that a sandbox starts. */
function processesWith(zone: string): { readonly pid: number; readonly command: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const isOurs = readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(`TZ=${zone}`);
      if (!isOurs || Number.isNaN(Number(name))) return [];
      return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") }];
    } catch {
      return []; // no process, or gone
    }
  });
}

const helpers = (zone: string): number[] =>
  processesWith(zone)
    .filter(({ command }) => /^\S*node\S* \S*-helper\.ts/.test(command))
    .map(({ pid }) => pid);

async function untilNone(look: () => readonly unknown[]): Promise<void> {
  while (look().length > 0) await delay(5);
}

const openNamed = (zone: string): Promise<TestSandbox> => openTestSandbox({ environment: { TZ: zone } });
const nameZone = (name: string): string => `koda-ports-${process.pid}-${name}`;

test("no helper is there but while something is published, and then one for all of it", async () => {
  const zone = nameZone("resident");
  await using server = await openServer((socket) => socket.end());
  await using it = await openNamed(zone);
  await it.sandbox.openHostPort(server.port);
  await untilNone(() => helpers(zone));
  const ports = [
    await it.sandbox.publishPort(0, { sandboxPort: 3000 }),
    await it.sandbox.publishPort(0, { sandboxPort: 3001 }),
  ];
  expect(helpers(zone)).toHaveLength(1);
  await ports[0]?.[Symbol.asyncDispose]();
  expect(helpers(zone)).toHaveLength(1);
  await ports[1]?.[Symbol.asyncDispose]();
  await untilNone(() => helpers(zone));
});

test("a helper that is killed takes along what it was connecting, which is reported, and another serves the next", async () => {
  const zone = nameZone("helper");
  await using it = await openNamed(zone);
  const { until } = record(it.sandbox);
  const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
  await startInside(it.sandbox, echo);
  // Whether the helper has been asked already is not to be seen from here: until it has, the next one serves.
  let killed: number[] = [];
  for (let fate = ""; fate !== "cut off"; ) {
    killed = helpers(zone);
    for (const pid of killed) process.kill(pid, "SIGSTOP");
    const client = connect(port.hostPort, "127.0.0.1").on("error", () => undefined);
    client.write("x");
    await delay(50);
    for (const pid of killed) process.kill(pid, "SIGKILL");
    fate = await new Promise((resolve) => {
      client.on("data", () => resolve("served")).on("close", () => resolve("cut off"));
    });
    client.destroy();
  }
  expect(await until(({ kind }) => kind === "failed")).toMatchObject({
    protocol: "publish",
    reason: "the helper inside the sandbox ended before it had connected",
  });
  const socket = connect(port.hostPort, "127.0.0.1");
  socket.write("again");
  expect(String((await once(socket, "data"))[0])).toBe("again");
  expect(helpers(zone)).toEqual([expect.not.toSatisfy((pid: number) => killed.includes(pid))]);
  // A connection that was handed over needs no helper.
  for (const pid of helpers(zone)) process.kill(pid, "SIGKILL");
  await untilNone(() => helpers(zone));
  socket.write("still there");
  expect(String((await once(socket, "data"))[0])).toBe("still there");
  socket.destroy();
});

test("kill -9 of the owner leaves no process, closes the ports, and cuts off the connections [LN-13]", async () => {
  const zone = nameZone("owner");
  using project = temporaryDirectory();
  await using server = await openServer((client) => client.end());
  const owner = spawn(process.execPath, ["--conditions=@koda/source", program, project.path, `${server.port}`], {
    env: { ...process.env, TZ: zone },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = String((await once(owner.stdout, "data"))[0]);
  const hostPort = Number(/"hostPort":(\d+),"sandboxPort":3000/.exec(said)?.[1]);
  const socket = connect(hostPort, "127.0.0.1");
  socket.write("hello");
  expect(String((await once(socket, "data"))[0])).toBe("hello");
  expect(processesWith(zone).length).toBeGreaterThan(2);
  const ended = readAll(socket);
  owner.kill("SIGKILL");
  await once(owner, "close");
  await ended;
  await untilNone(() => processesWith(zone));
  expect(await isOpen(hostPort)).toBe(false);
});

test("disposing a sandbox ends the helper and closes the ports", async () => {
  const zone = nameZone("disposed");
  const it = await openNamed(zone);
  const port = await it.sandbox.publishPort(0, { sandboxPort: 3000 });
  await startInside(it.sandbox, echo);
  const socket = connect(port.hostPort, "127.0.0.1");
  const ended = readAll(socket);
  socket.write("x");
  await once(socket, "data");
  await it[Symbol.asyncDispose]();
  await ended;
  expect(processesWith(zone)).toEqual([]);
  expect(await isOpen(port.hostPort)).toBe(false);
  expect(await askPort(port.hostPort, "x").catch(() => "")).toBe("");
});
