import { createServer as createListener } from "node:net";
import { createServer } from "@pondwader/socks5-server";
import { readSetting, tellPorts } from "./tell-ports.ts";

const { host } = readSetting();
const server = createServer();
server.setRulesetValidator((connection) => connection.destAddress === host);
// Its own listener does not tell its port; this is how it takes connections from another one.
const listener = createListener((socket) => server._handleConnection(socket));
listener.listen({ host: "127.0.0.1", port: 0 }, () => {
  const address = listener.address();
  tellPorts({ socks5: typeof address === "object" && address !== null ? address.port : null });
});
