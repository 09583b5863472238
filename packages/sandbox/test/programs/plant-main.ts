/** Runs a command that is given, and says when it has printed a line; then waits to be killed. The third argument is Koda's own data. */
import { createFilter, createPolicy, openSandbox } from "../../src/index.ts";

const [projectRoot = "", home = "", ownData = "", script = ""] = process.argv.slice(2);
const sandbox = await openSandbox({
  policy: createPolicy({ projectRoot, home, privateDirs: [ownData] }),
  filter: createFilter({}),
  searchPath: process.env["PATH"] ?? "",
  environment: process.env,
});
const running = sandbox.start({ argv: ["bash", "-c", script], clientId: "plant", isReadOnly: false });
while (!running.output.text().includes("\n")) await new Promise((resolve) => setTimeout(resolve, 5));
if (script.endsWith("# ends")) await running.ended;
process.stdout.write("ready\n");
setInterval(() => undefined, 1_000);
