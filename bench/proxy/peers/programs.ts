import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, startProgram } from "../../child.ts";
import { findProgram } from "../../find-program.ts";
import type { OpenedPeer, PeerSetting } from "../opened-peer.ts";

/** Proxies that Debian packages: a small configuration each, logs off, as many clients as they can. */

type Start = (setting: PeerSetting) => Promise<OpenedPeer>;

export const startTinyproxy: Start = async ({ host, directory }) => {
  const program = need("tinyproxy", "tinyproxy");
  const port = await freePort();
  const filter = join(directory, "tinyproxy.filter");
  const configuration = join(directory, "tinyproxy.conf");
  writeFileSync(filter, `^${host.replaceAll(".", "\\.")}$\n`);
  writeFileSync(
    configuration,
    [
      `Port ${port}`,
      "Listen 127.0.0.1",
      "Timeout 600",
      "MaxClients 5000",
      "LogLevel Critical",
      `Filter "${filter}"`,
      "FilterDefaultDeny Yes",
      "",
    ].join("\n"),
  );
  return opened(startProgram(program, ["-d", "-c", configuration]), { http: port });
};

export const startMicrosocks: Start = async () => {
  const program = need("microsocks", "microsocks");
  const port = await freePort();
  return opened(startProgram(program, ["-i", "127.0.0.1", "-p", String(port)]), { socks5: port });
};

export const startDante: Start = async ({ directory }) => {
  const program = need("danted", "dante-server");
  const port = await freePort();
  const configuration = join(directory, "danted.conf");
  writeFileSync(
    configuration,
    [
      `internal: 127.0.0.1 port = ${port}`,
      "external: 127.0.0.1",
      "clientmethod: none",
      "socksmethod: none",
      "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }",
      "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }",
      "",
    ].join("\n"),
  );
  const args = ["-f", configuration, "-p", join(directory, "danted.pid")];
  return opened(startProgram(program, args), { socks5: port });
};

function need(program: string, packageName: string): string {
  const path = findProgram(program);
  if (path === null) throw new Error(`not installed: apt-get install ${packageName}`);
  return path;
}

async function opened(child: Child, ports: { http?: number; socks5?: number }): Promise<OpenedPeer> {
  await using stack = new AsyncDisposableStack();
  stack.use(child);
  await untilListening(child, ports.http ?? ports.socks5 ?? 0);
  const owned = stack.move();
  return {
    ports: { http: null, socks5: null, username: null, password: null, ...ports },
    child,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function untilListening(child: Child, port: number): Promise<void> {
  for (let tries = 0; tries < 250; tries += 1) {
    if (child.hasExited) break;
    if (await answers(port)) return;
    await sleep(20);
  }
  throw new Error(child.complaint || "it does not listen");
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** Free a moment ago; these programs cannot be told to take any port and say which. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
