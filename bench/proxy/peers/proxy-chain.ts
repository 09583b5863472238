import { RequestError, Server } from "proxy-chain";
import { readSetting, tellPorts } from "./tell-ports.ts";

const { host } = readSetting();
const server = new Server({
  host: "127.0.0.1",
  port: 0,
  prepareRequestFunction: ({ hostname }) => {
    if (hostname !== host) throw new RequestError("not allowed", 403);
    return {};
  },
});
await server.listen();
tellPorts({ http: server.port });
