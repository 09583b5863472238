import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createServer as createSocks5Server } from "@pondwader/socks5-server";
import { Server as ProxyChain } from "proxy-chain";

/** A proxy of somebody else's making, for which every name is 127.0.0.1, as a company's would stand before us. */
export interface CorporateProxy extends AsyncDisposable {
  readonly port: number;
  /** `host:port` of every tunnel asked for with the right credentials. */
  readonly asked: string[];
}

export interface CorporateProxyOptions {
  /** Absent: it asks for none. */
  readonly auth?: { readonly username: string; readonly password: string };
  /** Makes it an `https` proxy. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

const lookUpLoopback = ((_host: string, options: { all?: boolean }, callback: (...answer: unknown[]) => void): void => {
  if (options.all) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
}) as never; // the signature of dns.lookup, with all its overloads

/** The HTTP proxy of the package `proxy-chain`. */
export async function openHttpUpstream({ auth, tls }: CorporateProxyOptions = {}): Promise<CorporateProxy> {
  const asked: string[] = [];
  const server = new ProxyChain({
    port: 0,
    host: "127.0.0.1",
    ...(tls ? { serverType: "https", httpsOptions: tls } : { serverType: "http" }),
    prepareRequestFunction: ({ username, password, hostname, port }) => {
      if (auth && (username !== auth.username || password !== auth.password)) return { requestAuthentication: true };
      asked.push(`${hostname}:${port}`);
      return { dnsLookup: lookUpLoopback };
    },
  });
  await server.listen();
  return { port: server.port, asked, [Symbol.asyncDispose]: () => server.close(true) };
}

/** The SOCKS5 server of the package `@pondwader/socks5-server`. */
export async function openSocks5Upstream({ auth }: CorporateProxyOptions = {}): Promise<CorporateProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createSocks5Server(auth ? { auth } : {});
  server.setConnectionHandler((connection, sendStatus) => {
    asked.push(`${connection.destAddress}:${connection.destPort}`);
    const host = connect({ host: "127.0.0.1", port: connection.destPort });
    const client = connection.socket as Socket; // the server takes its connections from node:net
    for (const socket of [host, client]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    host.once("connect", () => {
      sendStatus("REQUEST_GRANTED");
      host.pipe(client).pipe(host);
    });
    host.once("error", () => sendStatus("CONNECTION_REFUSED"));
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const inner = (server as unknown as { server: import("node:net").Server }).server; // it tells its port nowhere else
  const address = inner.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = once(inner, "close");
      server.close();
      await closed;
    },
  };
}
