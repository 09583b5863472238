import { Agent, createServer } from "node:http";
import httpProxy from "http-proxy";
import { tellPorts } from "./tell-ports.ts";

/** A forward proxy made of it: the target is the request's own, and connections to hosts are kept. */

const proxy = httpProxy.createProxyServer({ agent: new Agent({ keepAlive: true }) });
proxy.on("error", (_error, _request, response) => response.destroy());
const server = createServer((request, response) => {
  const url = new URL(request.url ?? "");
  request.url = url.pathname + url.search;
  proxy.web(request, response, { target: url.origin });
});
server.listen({ host: "127.0.0.1", port: 0 }, () => {
  const address = server.address();
  tellPorts({ http: typeof address === "object" && address !== null ? address.port : null });
});
