import { BuiltInProxy, BuiltInSocks5Proxy, ClientRegistry, type ConnectionEvent } from "@koda/sandbox";
import { kodaRules } from "./koda-rules.ts";
import { readSetting, tellPorts } from "./tell-ports.ts";

/** Both proxies of Koda with everything on: rules, credentials, the check of the server name, a subscriber. */

const clients = new ClientRegistry();
const { username, password } = clients.issue("bench");
const options = { filter: kodaRules(readSetting()), clients, authentication: "required" } as const;
const [http, socks5] = await Promise.all([BuiltInProxy.open(options), BuiltInSocks5Proxy.open(options)]);
const counts = { open: 0, refused: 0, failed: 0, closed: 0 };
const count = (event: ConnectionEvent): void => {
  counts[event.kind] += 1;
};
http.subscribe(count);
socks5.subscribe(count);
tellPorts({ http: http.port, socks5: socks5.port, username, password });
