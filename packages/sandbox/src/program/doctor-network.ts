import { connect } from "node:net";
import { join } from "node:path";
import { type DoctorCheck, type DoctorSite, fails, nodeScript } from "./doctor-check.ts";

const DIAL =
  'require("net").connect(process.argv[1]).on("connect",()=>process.exit(0)).on("error",()=>process.exit(9))';
const ANSWER_ONCE =
  'require("net").createServer((s)=>s.end("inside",()=>process.exit())).listen(Number(process.argv[1]),"127.0.0.1",()=>console.log("listening"))';

/** Which ways out there are. */
export function networkChecks(site: DoctorSite): readonly DoctorCheck[] {
  const { hostTmp, projectSocket } = site;
  const reached = (port: number): string => `exec 3<>/dev/tcp/127.0.0.1/${port}; read -r line <&3; echo "$line"`;
  return [
    {
      rule: "no direct connection",
      expected: "Network is unreachable",
      script: "exec 3<>/dev/tcp/1.1.1.1/443",
      holds: (result) => fails(result) && result.output.includes("unreachable"),
    },
    {
      rule: "no direct datagram, and so no DNS",
      expected: "Network is unreachable",
      script: "echo x > /dev/udp/1.1.1.1/53",
      holds: (result) => fails(result) && result.output.includes("unreachable"),
    },
    {
      rule: "no interface but loopback",
      expected: "lo",
      script: "tail -n +3 /proc/net/dev | cut -d: -f1",
      holds: (result) => result.output.trim() === "lo",
    },
    {
      rule: "the host's loopback is another one",
      expected: "connection refused",
      script: `exec 3<>/dev/tcp/127.0.0.1/${site.hostPort}`,
      holds: fails,
    },
    {
      rule: "the proxy refuses an unlisted host",
      expected: "403",
      script: `exec 3<>/dev/tcp/127.0.0.1/${site.proxyPort ?? 9}; printf 'CONNECT unlisted.invalid:443 HTTP/1.1\\r\\nHost: unlisted.invalid:443\\r\\n\\r\\n' >&3; read -r line <&3; echo "$line"`,
      holds: (result) => result.output.includes(" 403 "),
    },
    {
      rule: "the host's Unix sockets in /tmp and /run are not reached",
      expected: "no connection",
      script: `ls -A /run; ${nodeScript(DIAL, join(hostTmp, "socket"))}`,
      holds: (result) => result.exitCode === 9,
    },
    {
      rule: "the host's Unix sockets elsewhere are not reached",
      expected: "no connection",
      script: nodeScript(DIAL, projectSocket),
      holds: (result) => result.exitCode === 9,
    },
    {
      rule: "the host's abstract sockets are not reached",
      expected: "no connection",
      script: nodeScript(DIAL.replace("process.argv[1]", '"\\0"+process.argv[1]'), site.marker),
      holds: (result) => result.exitCode === 9,
    },
    {
      rule: "a port of the host that was given is reached",
      expected: "its answer",
      script: reached(site.grantedPort),
      holds: (result) => result.output === "granted\n",
    },
    {
      rule: "a published port leads inside",
      expected: "the answer of a server inside",
      script: `${nodeScript(ANSWER_ONCE, String(site.insidePort))}; exit $?`,
      holds: (result) => result.exitCode === 0,
    },
  ];
}

/** Asks the published port until a server inside answers it; without one the connection just ends. */
export async function askPublished(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await answer(port)) !== "inside") await new Promise((resolve) => setTimeout(resolve, 20));
}

function answer(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1").setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("error", () => null); // nobody listens inside yet
    socket.on("close", () => resolve(text));
  });
}
