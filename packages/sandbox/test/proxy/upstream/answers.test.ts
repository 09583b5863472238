import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { parseUpstream } from "../../../src/proxy/upstream/parse-upstream.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig } from "../rig.ts";
import { askHttp, askSocks5 } from "./ask.ts";

/** An upstream that reads `count` messages, answering each with the next of `answers`, all its bytes at once or one by one. */
function speak(answers: readonly (string | Uint8Array)[], pace: "whole" | "bytewise" = "whole") {
  return async (socket: Socket): Promise<void> => {
    socket.once("end", () => socket.end());
    const left = answers.map((answer) => Buffer.from(answer as string, "latin1"));
    for await (const _message of socket.iterator({ destroyOnReturn: false })) {
      const next = left.shift() ?? Buffer.alloc(0);
      for (const part of pace === "whole" ? [next] : [...next].map((byte) => Buffer.of(byte))) {
        socket.write(part);
        if (pace === "bytewise") await new Promise((resolve) => setTimeout(resolve, 1));
      }
      if (left.length === 0) break;
    }
    socket.resume();
  };
}

const rules = { allow: ["a.test:9"] };
const limits = { dialTimeoutMs: 500 };

test.each([
  ["HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n", 502, 1, "HTTP status 407"],
  ["HTTP/1.1 403 Forbidden\r\nContent-Length: 9999\r\n\r\n<html>", 502, 1, "HTTP status 403"],
  ["HTTP/1.1 502 Bad Gateway\r\n\r\n", 502, 1, "HTTP status 502"],
  ["HTTP/1.1 504 Gateway Timeout\r\n\r\n", 504, 6, "HTTP status 504"],
  ["HTTP/1.1 302 Found\r\nLocation: http://b.test/\r\n\r\n", 502, 1, "HTTP status 302"],
  ["HTTP/1.1 101 Switching Protocols\r\n\r\n", 502, 1, "HTTP status 101"],
])("an upstream that answers %j gives %i and SOCKS reply %i", async (head, status, reply, reason) => {
  await using seen = await Host.open(speak([head]));
  const upstream = parseUpstream({ httpsProxy: `http://user:s3cret@127.0.0.1:${seen.port}` });
  await using http = await openHttpRig({ upstream, rules });
  await using socks5 = await openSocks5Rig({ upstream, rules });
  using first = await askHttp(http.proxy, "a.test", 9);
  expect([first.answer, first.text]).toEqual([status, `Koda: the upstream proxy refused a.test port 9: ${reason}.\n`]);
  using second = await askSocks5(socks5.proxy, "a.test", 9);
  expect(second.answer).toBe(reply);
  await eventually(() => seen.sockets.every((socket) => socket.readableEnded || socket.destroyed));
});

test.each([
  [1, 502, 1],
  [2, 502, 1],
  [3, 502, 3],
  [4, 502, 4],
  [5, 502, 5],
  [6, 504, 6],
  [7, 502, 1],
  [8, 502, 1],
  [200, 502, 1],
])("an upstream's SOCKS reply %i gives %i and reply %i", async (theirs, status, reply) => {
  await using seen = await Host.open(speak([Buffer.of(5, 0), Buffer.of(5, theirs, 0, 1, 0, 0, 0, 0, 0, 0)]));
  const upstream = parseUpstream({ allProxy: `socks5://127.0.0.1:${seen.port}` });
  await using http = await openHttpRig({ upstream, rules });
  await using socks5 = await openSocks5Rig({ upstream, rules });
  using first = await askHttp(http.proxy, "a.test", 9);
  expect([first.answer, first.text]).toEqual([
    status,
    `Koda: the upstream proxy refused a.test port 9: SOCKS reply ${theirs}.\n`,
  ]);
  using second = await askSocks5(socks5.proxy, "a.test", 9);
  expect(second.answer).toBe(reply);
});

test.each<[name: string, scheme: string, answers: readonly (string | Uint8Array)[]]>([
  ["another protocol", "http", ["220 smtp.test\r\n"]],
  ["a bare LF", "http", ["HTTP/1.1 200 OK\n\n"]],
  ["a bare CR in a field", "http", ["HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n"]],
  ["a head without end", "http", [`HTTP/1.1 200 OK\r\nX: ${"y".repeat(9_000)}`]],
  ["SOCKS version 4", "socks5", [Buffer.of(4, 0)]],
  ["a method nobody offered", "socks5", [Buffer.of(5, 1)]],
  ["user and password where none are set", "socks5", [Buffer.of(5, 2)]],
  ["an unknown address type", "socks5", [Buffer.of(5, 0), Buffer.of(5, 0, 0, 9, 0, 0, 0, 0, 0, 0)]],
  ["HTTP", "socks5", ["HTTP/1.1 400 Bad Request\r\n\r\n"]],
])("an upstream that answers with %s gave no valid answer, and is left", async (_name, scheme, answers) => {
  await using seen = await Host.open(speak(answers));
  const upstream = parseUpstream({ allProxy: `${scheme}://127.0.0.1:${seen.port}` });
  await using rig = await openHttpRig({ upstream, rules });
  using asked = await askHttp(rig.proxy, "a.test", 9);
  expect([asked.answer, asked.text]).toEqual([502, "Koda: the upstream proxy gave no valid answer.\n"]);
  await eventually(() => seen.sockets.every((socket) => socket.readableEnded || socket.destroyed));
});

test("an upstream that ends without an answer gave none", async () => {
  await using seen = await Host.open((socket) => socket.resume().end());
  for (const scheme of ["http", "socks5"]) {
    const upstream = parseUpstream({ allProxy: `${scheme}://127.0.0.1:${seen.port}` });
    await using rig = await openHttpRig({ upstream, rules });
    using asked = await askHttp(rig.proxy, "a.test", 9);
    expect([asked.answer, asked.text]).toEqual([502, "Koda: the upstream proxy gave no valid answer.\n"]);
  }
});

test.each<[name: string, scheme: string, answers: readonly (string | Uint8Array)[]]>([
  ["HTTP, at once", "http", []],
  ["HTTP, after half a head", "http", ["HTTP/1.1 200 OK\r\nX:"]],
  ["SOCKS, at once", "socks5", []],
  ["SOCKS, after the method", "socks5", [Buffer.of(5, 0)]],
])("an upstream that falls silent has the time limit of a dial, then 504: %s", async (_name, scheme, answers) => {
  await using seen = await Host.open(speak(answers));
  const upstream = parseUpstream({ allProxy: `${scheme}://127.0.0.1:${seen.port}` });
  await using rig = await openHttpRig({ upstream, rules, limits });
  using asked = await askHttp(rig.proxy, "a.test", 9);
  expect([asked.answer, asked.text]).toEqual([504, "Koda: the upstream proxy did not answer in 500 ms.\n"]);
  await eventually(() => seen.sockets.every((socket) => socket.readableEnded || socket.destroyed));
});

test.each<[name: string, scheme: string, answers: readonly (string | Uint8Array)[]]>([
  ["HTTP", "http", ["HTTP/1.1 200 OK\r\nX: y\r\n\r\nSSH-2.0-early"]],
  [
    "HTTP with interim answers",
    "http",
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 200\r\n\r\nSSH-2.0-early"],
  ],
  [
    "SOCKS, bound to an address",
    "socks5",
    [Buffer.of(5, 0), Buffer.concat([Buffer.of(5, 0, 0, 1, 1, 2, 3, 4, 5, 6), Buffer.from("SSH-2.0-early")])],
  ],
  [
    "SOCKS, bound to a name",
    "socks5",
    [Buffer.of(5, 0), Buffer.concat([Buffer.of(5, 0, 0, 3, 2, 97, 98, 5, 6), Buffer.from("SSH-2.0-early")])],
  ],
  [
    "SOCKS with a password",
    "socks5://user:pass@",
    [
      Buffer.of(5, 2),
      Buffer.of(1, 0),
      Buffer.concat([Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0), Buffer.from("SSH-2.0-early")]),
    ],
  ],
])(
  "the answer may come byte by byte or all at once; what the host says first is kept: %s",
  async (_name, scheme, answers) => {
    for (const pace of ["whole", "bytewise"] as const) {
      await using seen = await Host.open(speak(answers, pace));
      const place = scheme.includes("@") ? scheme : `${scheme}://`;
      const upstream = parseUpstream({ allProxy: `${place}127.0.0.1:${seen.port}` });
      await using rig = await openHttpRig({ upstream, rules });
      using asked = await askHttp(rig.proxy, "a.test", 9);
      expect(asked.answer).toBe(200);
      expect(await asked.client.until("SSH-2.0-early")).toBe("SSH-2.0-early");
      asked.client[Symbol.dispose]();
      await eventually(() => rig.events.length === 2);
      expect(rig.events[1]).toMatchObject({ kind: "closed", bytesUp: 0, bytesDown: 13 });
    }
  },
);

test("a tunnel through an upstream keeps half-close both ways", async () => {
  await using seen = await Host.open((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      echo(socket);
    });
  });
  const upstream = parseUpstream({ allProxy: `http://127.0.0.1:${seen.port}` });
  await using rig = await openHttpRig({ upstream, rules });
  using asked = await askHttp(rig.proxy, "a.test", 9);
  asked.client.socket.end("the end");
  expect(await asked.client.rest()).toBe("the end");
});
