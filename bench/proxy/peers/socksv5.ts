import socks from "socksv5";
import { tellPorts } from "./tell-ports.ts";

const server = socks.createServer();
server.useAuth(socks.auth.None());
server.listen(0, "127.0.0.1", () => tellPorts({ socks5: server.address().port }));
