import type { ClientCheck } from "../client-check.ts";

const node = `'${process.execPath.replaceAll("'", "'\\''")}'`;
const nodeGet = (scheme: "http" | "https", url: string): string =>
  `${node} -e 'require("${scheme}").get("${url}", (r) => r.statusCode === 200 ? r.pipe(process.stdout) : process.exit(9))'`;

/** Programs that fetch one file. */
export const fetching: readonly ClientCheck[] = [
  { name: "curl, https", programs: ["curl"], script: ({ tls }) => `curl -sSf ${tls}/hello.txt` },
  { name: "curl, http", programs: ["curl"], script: ({ plain }) => `curl -sSf ${plain}/hello.txt` },
  { name: "wget, http", programs: ["wget"], script: ({ plain }) => `wget -nv -t 1 -O - ${plain}/hello.txt` },
  {
    name: "wget, https",
    programs: ["wget"],
    script: ({ tls }) => `wget -nv -t 1 -O - --ca-certificate="$SSL_CERT_FILE" ${tls}/hello.txt`,
  },
  {
    name: "Node, fetch",
    programs: [],
    script: ({ tls }) => `${node} -e 'fetch("${tls}/hello.txt").then((r) => r.text()).then(console.log)'`,
  },
  { name: "Node, https.get", programs: [], script: ({ tls }) => nodeGet("https", `${tls}/hello.txt`) },
  { name: "Node, http.get", programs: [], script: ({ plain }) => nodeGet("http", `${plain}/hello.txt`) },
];

/** The same, with programs that `npm test` does not see to. */
export const fetchingByHand: readonly ClientCheck[] = [
  {
    name: "Deno, fetch",
    programs: ["deno"],
    script: ({ tls }) => `deno eval 'console.log(await (await fetch("${tls}/hello.txt")).text())'`,
  },
];
