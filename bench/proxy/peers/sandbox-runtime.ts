import type { Server } from "node:http";
import type { Server as NetServer, Socket } from "node:net";
import { readSetting, tellPorts } from "./tell-ports.ts";

/**
 * The two proxies of @anthropic-ai/sandbox-runtime behind their one port, put together as that package does for its
 * own commands, its token included. The package exports none of them, so they are imported by file.
 */

interface HttpModule {
  createHttpProxyServer(options: Options): Server;
}
interface SocksModule {
  createSocksProxyServer(options: Options): { handleConnection(socket: Socket): void };
}
interface MuxModule {
  createMuxProxyServer(options: { httpServer: Server; handleSocksConnection: (socket: Socket) => void }): {
    readonly server: NetServer;
    listenHttpBackend(): Promise<unknown>;
    getPort(): number | undefined;
  };
}
interface Options {
  readonly filter: (port: number, host: string) => boolean;
  readonly proxyAuthToken: string;
}

const load = (file: string): Promise<unknown> =>
  import(new URL(`./sandbox/${file}`, import.meta.resolve("@anthropic-ai/sandbox-runtime")).href);

const { host: originHost } = readSetting();
const options: Options = { filter: (_port, host) => host === originHost, proxyAuthToken: "bench-token" };
// The shapes are those of the package's own declarations, 0.0.83.
const { createHttpProxyServer } = (await load("http-proxy.js")) as HttpModule;
const { createSocksProxyServer } = (await load("socks-proxy.js")) as SocksModule;
const { createMuxProxyServer } = (await load("mux-proxy.js")) as MuxModule;
const socks = createSocksProxyServer(options);
const mux = createMuxProxyServer({
  httpServer: createHttpProxyServer(options),
  handleSocksConnection: (socket) => socks.handleConnection(socket),
});
await mux.listenHttpBackend();
await new Promise<void>((resolve) => mux.server.listen(0, "127.0.0.1", resolve));
const port = mux.getPort() ?? null;
tellPorts({ http: port, socks5: port, username: "srt", password: options.proxyAuthToken });
