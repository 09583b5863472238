import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** RFC 6761 §6.2: a name under .test is in no public DNS. */
export const releaseHost = "releases.koda.test";

/** The one host that the demo's project may reach, served from this machine. */
export async function openReleaseServer(): Promise<
  AsyncDisposable & { readonly url: string; readonly authority: string }
> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.end("announced\n"));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  const authority = `${releaseHost}:${port}`;
  return {
    authority,
    url: `http://${authority}/announce`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
