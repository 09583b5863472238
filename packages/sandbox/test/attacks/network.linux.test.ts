import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAttackSite } from "./attack-site.ts";

/** A listener of the host that counts who comes. */
async function listen(
  where: { host: string; port: number } | { path: string },
): Promise<AsyncDisposable & { readonly port: number; count(): number }> {
  let count = 0;
  const server: Server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  server.listen(where);
  await once(server, "listening");
  return {
    port: "path" in where ? 0 : (server.address() as AddressInfo).port, // TCP: not a pipe name
    count: () => count,
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** A Node program that tries to connect to a path, an abstract name (`\0…`) or a port, and says what came of it. */
const connect = (to: unknown): string =>
  `node -e 'require("net").connect(JSON.parse(process.argv[1])).on("connect",()=>{console.log("CONNECTED");process.exit()}).on("error",(e)=>console.log(e.code))' '${JSON.stringify(to)}'`;

test("the host is not reached directly, on any of its addresses, by TCP or UDP [LN-01] [LN-02]", async () => {
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter((each) => each !== undefined && !each.address.startsWith("fe80"))
    .map((each) => each?.address ?? "");
  await using tcp = await listen({ host: "::", port: 0 });
  const udp = createSocket("udp4");
  let datagrams = 0;
  udp.on("message", () => {
    datagrams += 1;
  });
  udp.bind(0, "0.0.0.0");
  await once(udp, "listening");
  try {
    await using it = await openAttackSite();
    for (const address of addresses) {
      await it.sh(`exec 3<>/dev/tcp/${address}/${tcp.port}`);
      await it.sh(`echo x > /dev/udp/${address}/${udp.address().port}`);
      await it.sh(`curl -s --noproxy '*' --max-time 2 http://[${address}]:${tcp.port} http://${address}:${tcp.port}`);
    }
    expect(tcp.count()).toBe(0);
    expect(datagrams).toBe(0);
    const open = await it.sh(`exec 3<>/dev/tcp/127.0.0.1/${it.sandbox.proxy?.port}`);
    expect(open.exitCode).toBe(0); // the way that there is
  } finally {
    udp.close();
  }
});

test("there is no interface but loopback, and no route out [LN-01]", async () => {
  await using it = await openAttackSite();
  const interfaces = await it.sh("tail -n +3 /proc/net/dev | cut -d: -f1; tail -n +2 /proc/net/route");
  expect(interfaces.output.trim()).toBe("lo");
  for (const address of ["1.1.1.1", "169.254.169.254", "2606:4700:4700::1111"]) {
    const { output } = await it.sh(`exec 3<>/dev/tcp/${address}/443`);
    expect(output).toMatch(/Network is unreachable|Cannot assign requested address/);
  }
});

test("a name is not resolved but by the proxies: no DNS leaves [LN-01]", async () => {
  await using it = await openAttackSite();
  const result = await it.sh(
    'getent hosts example.com; node -e \'require("dns").lookup("example.com",(e,a)=>console.log(e?e.code:a))\'',
  );
  expect(result.output).toMatch(/^(?:EAI_AGAIN|ENOTFOUND)\n$/);
});

test("Unix sockets of the host in /tmp, /run and places where agents keep them are not reached [LN-03] [LF-16]", async () => {
  const directory = mkdtempSync("/tmp/koda-attack-");
  const inTmp = join(directory, "agent.1");
  try {
    await using server = await listen({ path: inTmp });
    await using it = await openAttackSite({ environment: { SSH_AUTH_SOCK: inTmp } });
    const { output } = await it.sh(
      `ls -A ${directory}; ls -A /run /var/run /tmp/.X11-unix /tmp/tmux-0; ${connect({ path: inTmp })}`,
    );
    expect(output).not.toContain("CONNECTED");
    expect(output).not.toContain("agent.1");
    expect(server.count()).toBe(0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("/run is empty and nothing can be put there: no docker, D-Bus, systemd, containerd [LN-03] [LN-05]", async () => {
  await using it = await openAttackSite();
  expect((await it.sh("ls -A /run/ | grep -v current-system")).output).toBe("");
  const asked = await it.sh(
    "systemd-run --user true || systemd-run true || loginctl || busctl || docker ps || crontab -l",
  );
  expect(asked.exitCode).not.toBe(0);
});

test("no job is left with cron or at [LN-05]", async () => {
  await using it = await openAttackSite();
  const name = `koda-attack-${process.pid}`;
  const places = ["/etc/cron.d", "/var/spool/cron/crontabs", "/var/spool/cron", "/etc/systemd/system", "/etc/init.d"];
  await it.sh(`${places.map((place) => `: > ${place}/${name}`).join("; ")}; : | at now`);
  const planted = places.map((place) => `${place}/${name}`).filter((path) => existsSync(path));
  for (const path of planted) rmSync(path);
  expect(planted).toEqual([]);
});

test("an abstract socket of the host is another world's [LN-04]", async () => {
  const name = `\0koda-attack-${process.pid}`;
  await using server = await listen({ path: name });
  await using it = await openAttackSite();
  const { output } = await it.sh(connect({ path: name }));
  expect(output).toBe("ECONNREFUSED\n");
  expect(server.count()).toBe(0);
});

test("a session's proxies answer no other session, and nothing on the host [LN-15]", async () => {
  await using one = await openAttackSite();
  await using two = await openAttackSite();
  const port = one.sandbox.proxy?.port;
  expect(two.sandbox.proxy?.port).not.toBe(port);
  expect((await two.sh(`exec 3<>/dev/tcp/127.0.0.1/${port}`)).exitCode).not.toBe(0);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow("fetch failed");
});

test("without its proxies a session has no network, not a direct one [LN-16]", async () => {
  await using it = await openAttackSite({ rules: { allowPrivate: ["127.0.0.1"] } });
  await using host = await listen({ host: "127.0.0.1", port: 0 });
  await it.sandbox.proxy?.[Symbol.asyncDispose]();
  await it.sandbox.socks5Proxy?.[Symbol.asyncDispose]();
  const tried = await it.sh(
    `curl -s --max-time 3 http://127.0.0.1:${host.port}; curl -s --noproxy '*' --max-time 3 http://127.0.0.1:${host.port}; curl -s --max-time 3 -x "$ALL_PROXY" http://127.0.0.1:${host.port}`,
  );
  expect(tried.exitCode).not.toBe(0);
  expect(host.count()).toBe(0);
});
