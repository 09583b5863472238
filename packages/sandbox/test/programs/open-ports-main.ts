/** Opens a sandbox with a port each way and a server inside, says which ports, and waits to be killed. */
import { createFilter, createPolicy, openSandbox } from "../../src/index.ts";

const [projectRoot = "", hostPort = ""] = process.argv.slice(2);
const sandbox = await openSandbox({
  policy: createPolicy({ projectRoot, home: projectRoot }),
  filter: createFilter({}),
  searchPath: process.env["PATH"] ?? "",
  environment: process.env,
  hostPorts: [{ hostPort: Number(hostPort), sandboxPort: 5432 }],
  publishedPorts: [{ hostPort: 0, sandboxPort: 3000 }],
});
const script = `require("node:net").createServer((socket) => socket.pipe(socket)).listen(3000, () => console.log("up"))`;
const server = sandbox.spawn({ argv: [process.execPath, "-e", script], clientId: "server", isReadOnly: false });
server.stdout?.once("data", () => process.stdout.write(`${JSON.stringify(sandbox.ports)}\n`));
