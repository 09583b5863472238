/** The little of two packages without declarations that the bench uses. */

declare module "socksv5" {
  interface SocksServer {
    useAuth(handler: unknown): this;
    listen(port: number, host: string, onListening: () => void): this;
    address(): { readonly port: number };
  }
  const socks: { createServer(): SocksServer; readonly auth: { None(): unknown } };
  export = socks;
}

declare module "http-proxy" {
  import type { Agent, IncomingMessage, ServerResponse } from "node:http";

  interface ProxyServer {
    web(request: IncomingMessage, response: ServerResponse, options: { readonly target: string }): void;
    on(event: "error", listener: (error: Error, request: IncomingMessage, response: ServerResponse) => void): this;
  }
  const httpProxy: { createProxyServer(options: { readonly agent: Agent }): ProxyServer };
  export = httpProxy;
}
