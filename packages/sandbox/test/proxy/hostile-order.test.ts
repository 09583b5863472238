import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createFilter } from "../../src/filter/filter.ts";
import { parseUpstream } from "../../src/proxy/upstream/parse-upstream.ts";
import { echo, eventually, Host, openHttpRig, openSocks5Rig, RawClient } from "./rig.ts";

/** Answers a request with `ok`, once it may. */
function openHostThatWaits(mayAnswer: Promise<void>): Promise<Host> {
  return Host.open((socket) => {
    socket.once("data", async () => {
      await mayAnswer;
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
}

const refusedHead = "CONNECT b.test:443 HTTP/1.1\r\n\r\n";

test.each(["none", "required"] as const)(
  "thousands of refused requests sent ahead leave the process free to do other things (authentication %s) [AV-02]",
  async (authentication) => {
    await using rig = await openHttpRig({ authentication });
    using client = await RawClient.open(rig.proxy);
    client.send(refusedHead.repeat(5_000));
    let turns = 0;
    while (rig.proxy.stats().refused < 5_000) {
      await sleep(0);
      turns += 1;
    }
    expect(turns).toBeGreaterThan(10);
    expect(rig.proxy.stats().refused).toBe(5_000);
  },
);

test("a client that reads no answers is asked for no further requests [AV-05]", async () => {
  await using rig = await openHttpRig({});
  using client = await RawClient.open(rig.proxy);
  client.socket.pause();
  client.send(refusedHead.repeat(400_000));
  let before = -1;
  while (before !== rig.proxy.stats().refused) {
    before = rig.proxy.stats().refused;
    await sleep(300);
  }
  expect(before).toBeLessThan(400_000);
});

test("disposing twice at once resolves twice", async () => {
  await using host = await Host.open(echo);
  const rules = { allowPrivate: [`a.test:${host.port}`] };
  for (const rig of [await openHttpRig({ rules }), await openSocks5Rig({ rules })]) {
    using client = await RawClient.open(rig.proxy);
    if (rig.proxy.protocol === "http") client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
    else {
      const name = Buffer.from("a.test");
      const port = [host.port >> 8, host.port & 255];
      client.send(Buffer.of(5, 1, 0, 5, 1, 0, 3, name.length, ...name, ...port));
    }
    await eventually(() => rig.proxy.stats().active === 1);
    await Promise.all([rig.proxy[Symbol.asyncDispose](), rig.proxy[Symbol.asyncDispose]()]);
    expect(rig.proxy.stats().active).toBe(0);
  }
});

test.each([
  ["GET", "the head alone", true],
  ["GET", "head and body together", false],
  ["POST", "the head alone", true],
  ["POST", "head and body together", false],
])(
  "bytes above 127 in fields reach the client as the host sent them: %s, %s [HP-11]",
  async (method, _how, isSplit) => {
    const field = Buffer.from("X-Name: é\r\n");
    const head = Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n"), field, Buffer.from("Content-Length: 2\r\n\r\n")]);
    await using host = await Host.open((socket) => {
      socket.once("data", async () => {
        socket.write(Buffer.concat([Buffer.from("HTTP/1.1 103 Early Hints\r\n"), field, Buffer.from("\r\n")]));
        await sleep(20);
        if (isSplit) {
          socket.write(head);
          await sleep(20);
          socket.write("ok");
        } else socket.write(Buffer.concat([head, Buffer.from("ok")]));
      });
    });
    await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
    using client = await RawClient.open(rig.proxy);
    const framing = method === "GET" ? "" : "Content-Length: 0\r\n";
    client.send(`${method} http://a.test:${host.port}/ HTTP/1.1\r\n${framing}\r\n`);
    const all = await client.until("\r\n\r\nok");
    expect(all.split(field.toString("latin1"))).toHaveLength(3);
  },
);

test.each(["099", "000"])("a host that answers with the status %s has given no answer [HP-25]", async (status) => {
  await using host = await Host.open((socket) => {
    socket.once("data", () => socket.write(`HTTP/1.1 ${status} x\r\nContent-Length: 5\r\n\r\n`));
  });
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
  expect(await client.until("\r\n")).toBe("HTTP/1.1 502 Bad Gateway\r\n");
});

test.each(["GET", "DELETE"])(
  "interim answers without end to a client that reads none end the exchange: %s [HP-24]",
  async (method) => {
    let taken = 0;
    await using host = await Host.open((socket) => {
      socket.once("data", () => {
        const more = Buffer.from("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n".repeat(2_000));
        const go = (): void => {
          while (!socket.destroyed && socket.write(more)) taken += more.length;
        };
        socket.on("drain", go);
        go();
      });
    });
    await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
    using client = await RawClient.open(rig.proxy);
    client.socket.pause();
    client.send(`${method} http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
    await eventually(() => host.sockets[0]?.destroyed === true);
    expect(taken).toBeLessThan(64 * 1024 * 1024);
    expect(rig.proxy.stats().active).toBe(0);
  },
);

test("a transfer coding that cannot be passed on is a 502, for every method [HP-13]", async () => {
  await using host = await Host.open((socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"));
  });
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  for (const method of ["GET", "DELETE"]) {
    using client = await RawClient.open(rig.proxy);
    client.send(`${method} http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
    expect((await client.response()).status).toBe(502);
  }
});

test("a client that changes hosts again and again leaves no listener behind", async () => {
  const serve: Parameters<typeof Host.open>[0] = (socket) => {
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  };
  await using one = await Host.open(serve);
  await using other = await Host.open(serve);
  const rules = { allowPrivate: [one, other].map(({ port }) => `a.test:${port}`) };
  await using rig = await openHttpRig({ rules });
  using client = await RawClient.open(rig.proxy);
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  for (let round = 0; round < 30; round += 1) {
    client.send(`GET http://a.test:${(round % 2 === 0 ? one : other).port}/ HTTP/1.1\r\n\r\n`);
    expect((await client.response()).status).toBe(200);
  }
  await sleep(1); // warnings come with the next turn
  process.off("warning", onWarning);
  expect(warnings.filter(({ name }) => name === "MaxListenersExceededWarning")).toEqual([]);
});

test("a drain ends when the last request in flight has its answer, not with its time [HP-01]", async () => {
  const answer = Promise.withResolvers<void>();
  await using host = await openHostThatWaits(answer.promise);
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\n`);
  await eventually(() => rig.proxy.stats().active === 1);
  const drained = rig.proxy.drain(2 ** 31 - 1);
  answer.resolve();
  expect((await client.response()).body).toBe("ok");
  await drained;
});

test("garbage behind a request is not answered in the request's place [HP-01]", async () => {
  const answer = Promise.withResolvers<void>();
  await using host = await openHostThatWaits(answer.promise);
  await using rig = await openHttpRig({ rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`GET http://a.test:${host.port}/ HTTP/1.1\r\n\r\nFOO bar baz\r\n\r\n`);
  await sleep(20);
  answer.resolve();
  expect(await client.rest()).not.toMatch(/^HTTP\/1\.1 4/);
});

test("an answer of the resolver that is no address is none, and the others count [AD-06]", async () => {
  await using host = await Host.open(echo);
  const resolveHost = async () => ["fe80::1%eth0", "nonsense..", "127.0.0.1"];
  await using rig = await openHttpRig({ resolveHost, rules: { allowPrivate: [`a.test:${host.port}`] } });
  using client = await RawClient.open(rig.proxy);
  client.send(`CONNECT a.test:${host.port} HTTP/1.1\r\n\r\n`);
  expect((await client.response()).status).toBe(200);
});

test("rules that no longer are private close a tunnel whose first bytes only a private rule let pass [PG-20]", async () => {
  await using upstreamProxy = await Host.open((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      echo(socket);
    });
  });
  const upstream = parseUpstream({ allProxy: `http://127.0.0.1:${upstreamProxy.port}` });
  await using rig = await openHttpRig({ upstream, rules: { allowPrivate: ["a.test", "b.test:22"] } });
  const open = async (authority: string, first: string): Promise<RawClient> => {
    const client = await RawClient.open(rig.proxy);
    client.send(`CONNECT ${authority} HTTP/1.1\r\n\r\n`);
    await client.until("\r\n\r\n");
    client.send(first);
    await client.until(first);
    return client;
  };
  using notTls = await open("a.test:443", "no TLS on 443");
  using ssh = await open("b.test:22", "SSH-2.0-any");
  rig.proxy.setRules(createFilter({ allow: ["a.test", "b.test:22"] }));
  await notTls.rest();
  expect(rig.events.at(-1)).toMatchObject({ host: "a.test", kind: "closed", reason: "the rules no longer allow it" });
  ssh.send("goes on");
  await ssh.until("goes on");
});
