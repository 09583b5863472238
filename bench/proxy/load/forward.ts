import type { KnownRoute, Target } from "../route.ts";
import { type ReadAnswer, startExchange } from "./exchange.ts";
import { basicCredentials } from "./handshake.ts";
import type { StartLoad } from "./window.ts";

/** GET on a kept connection: in absolute form to a proxy, in origin form to the origin itself. */
export const startForward: StartLoad = (job, window) =>
  startExchange(job, window, { request: (route) => toRequest(route, job.target), createReader });

function toRequest(route: KnownRoute, { host, port }: Target): string {
  const isProxied = route.kind === "forward";
  const path = isProxied ? `http://${host}:${port}/` : "/";
  const credentials = isProxied ? basicCredentials(route) : "";
  return `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nAccept: */*\r\n${credentials}\r\n`;
}

function createReader(): ReadAnswer {
  let text = "";
  return (bytes) => {
    text += bytes.toString("latin1");
    const headEnd = text.indexOf("\r\n\r\n");
    if (headEnd < 0) return "more";
    const head = text.slice(0, headEnd);
    const status = head.slice(9, 12);
    if (status !== "200") return { failure: `GET was answered ${status}` };
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const isWhole = length === undefined ? text.endsWith("0\r\n\r\n") : text.length >= headEnd + 4 + Number(length);
    if (!isWhole) return "more";
    return /\r\nconnection: *close/i.test(head) || head.startsWith("HTTP/1.0") ? "done-and-closing" : "done";
  };
}
