import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { openScriptedServer } from "@koda/providers/testing";
import { describe, expect, test } from "vitest";
import { createPlace, runKoda } from "./run-koda.ts";

interface CompanyProxy extends AsyncDisposable {
  readonly port: number;
  /** Authority and Proxy-Authorization of every tunnel asked for. */
  readonly asked: { readonly authority: string | undefined; readonly authorization: string | undefined }[];
}

/** A proxy that tunnels to this machine, whatever name it is asked for. */
async function openCompanyProxy(): Promise<CompanyProxy> {
  const asked: CompanyProxy["asked"][number][] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("connect", (request, client: Socket) => {
    asked.push({ authority: request.url, authorization: request.headers["proxy-authorization"] });
    const host = connect(Number(request.url?.split(":")[1]), "127.0.0.1");
    for (const socket of [client, host]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    client.write("HTTP/1.1 200 OK\r\n\r\n");
    client.pipe(host).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    asked,
    port: (server.address() as AddressInfo).port, // a TCP listener has no other kind of address
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

describe("behind a company's proxy", () => {
  test("the connections of commands go through the proxy that the environment names, and its password never reaches them", async () => {
    await using place = await createPlace();
    await using proxy = await openCompanyProxy();
    const origin = createServer((_, response) => response.end("hello through the company\n"));
    await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
    const host = `intranet.test:${(origin.address() as AddressInfo).port}`;
    const command = `curl -sS --proxytunnel http://${host}/; env; tr '\\0' '\\n' < /proc/1/environ`;
    await using server = await openScriptedServer([
      { toolCalls: [{ name: "Bash", arguments: { command } }] },
      { text: "Reached." },
    ]);
    const flags = ["--base-url", server.baseUrl, "--model", "scripted", "--output-format", "json", "--allow", host];
    const run = await runKoda(place, [...flags, "-p", "go"], {
      HTTPS_PROXY: `http://employee:s3cret-word@127.0.0.1:${proxy.port}`,
    });
    origin.close();
    const authorization = `Basic ${Buffer.from("employee:s3cret-word").toString("base64")}`;
    expect(proxy.asked).toEqual([{ authority: host, authorization }]);
    const seen = JSON.stringify(server.requests().map(({ body }) => body));
    expect(seen).toContain("hello through the company");
    expect(seen).toContain("HTTPS_PROXY=http://");
    const everything = seen + run.stdout + run.stderr;
    for (const secret of ["s3cret-word", "employee", authorization]) expect(everything).not.toContain(secret);
    expect(JSON.parse(run.stdout).connections).toMatchObject([{ verdict: "allowed", address: null }]);
  });

  test.each([
    ["HTTPS_PROXY", { HTTPS_PROXY: "http://employee:s3cret-word@proxy.test/path" }],
    ["all_proxy", { all_proxy: "ftp://employee:s3cret-word@proxy.test" }],
    ["NO_PROXY", { HTTPS_PROXY: "http://employee:s3cret-word@proxy.test:3128", NO_PROXY: "a/b" }],
  ])(
    "a setting of %s that cannot be followed is exit 2 without its password, and no model is asked",
    async (variable, environment) => {
      await using place = await createPlace();
      await using server = await openScriptedServer([{ text: "never" }]);
      const run = await runKoda(place, ["--base-url", server.baseUrl, "-p", "hi"], environment);
      expect([run.code, run.stdout]).toEqual([2, ""]);
      expect(run.stderr).toMatch(new RegExp(`^koda: ${variable}: `));
      expect(run.stderr).not.toContain("s3cret-word");
      expect(server.requests()).toHaveLength(0);
    },
  );
});
