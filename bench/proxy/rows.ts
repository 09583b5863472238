import type * as table from "../table.ts";
import type { Load, LoadResult } from "./job.ts";
import type { OriginPorts } from "./origin.ts";

/** What one measurement of one peer gave. */
export interface Cell extends LoadResult {
  /** Of the proxy within the window; 0 where there is none. */
  readonly cpuSeconds: number;
  /** Grown by within the window. */
  readonly memoryBytes: number;
  readonly descriptors: number;
}

/** One measurement, which gives one or more lines of the table. */
export interface Row extends table.MeasuredRow<Cell> {
  readonly load: Load;
  readonly protocol: "connect" | "socks5" | "forward";
  readonly clients: number;
  readonly port: keyof OriginPorts;
}

type Line = table.Line<Cell>;

const MIB = 1024 ** 2;

const protocols = [
  { protocol: "connect", name: "CONNECT" },
  { protocol: "socks5", name: "SOCKS5" },
] as const;

/** In the order of the table. */
export const ROWS: readonly Row[] = [
  ...protocols.flatMap(({ protocol, name }) => [1, 32, 256].map((clients) => tunnels(protocol, name, clients))),
  ...protocols.flatMap(({ protocol, name }) =>
    [1, 16].flatMap((streams) => [bulk("download", protocol, name, streams), bulk("upload", protocol, name, streams)]),
  ),
  ...protocols.flatMap(({ protocol, name }) => [1, 32].map((clients) => ping(protocol, name, clients))),
  {
    id: "forward-32",
    load: "forward",
    protocol: "forward",
    clients: 32,
    port: "http",
    lines: [
      rate("forwarded GETs/s, 1 KiB, keep-alive, 32 clients"),
      cpuPerOperation("proxy CPU per forwarded GET, µs"),
    ],
  },
  {
    id: "refusals-32",
    load: "refusals",
    protocol: "connect",
    clients: 32,
    port: "greet",
    lines: [rate("refusals/s, CONNECT, 32 clients"), cpuPerOperation("proxy CPU per refusal, µs")],
  },
  ...protocols.map(({ protocol, name }) => idle(protocol, name)),
];

function tunnels(protocol: "connect" | "socks5", name: string, clients: number): Row {
  const at = `${name}, ${clients} ${clients === 1 ? "client" : "clients"}`;
  const lines = [rate(`tunnels/s, ${at}`), p50(`tunnel set-up p50, ms, ${at}`), p99(`tunnel set-up p99, ms, ${at}`)];
  const cpu = clients === 32 ? [cpuPerOperation(`proxy CPU per tunnel, µs, ${at}`)] : [];
  return {
    id: `tunnels-${protocol}-${clients}`,
    load: "tunnels",
    protocol,
    clients,
    port: "greet",
    lines: [...lines, ...cpu],
  };
}

function bulk(load: "download" | "upload", protocol: "connect" | "socks5", name: string, streams: number): Row {
  const at = `${name}, ${streams} ${streams === 1 ? "stream" : "streams"} ${load === "download" ? "down" : "up"}`;
  const lines: Line[] = [
    { title: `bulk MiB/s, ${at}`, isMoreBetter: true, value: ({ bytes, seconds }) => bytes / MIB / seconds },
    {
      title: `proxy CPU s per GiB, ${at}`,
      isMoreBetter: false,
      value: ({ cpuSeconds, bytes }) => (cpuSeconds === 0 || bytes === 0 ? null : cpuSeconds / (bytes / 1024 ** 3)),
    },
  ];
  return {
    id: `bulk-${protocol}-${streams}-${load === "download" ? "down" : "up"}`,
    load,
    protocol,
    clients: streams,
    port: load === "download" ? "source" : "sink",
    lines: streams === 1 ? lines.slice(0, 1) : lines,
  };
}

function ping(protocol: "connect" | "socks5", name: string, clients: number): Row {
  const at = `${name}, ${clients} open ${clients === 1 ? "tunnel" : "tunnels"}`;
  const lines = [p50(`64 B there and back p50, ms, ${at}`), p99(`64 B there and back p99, ms, ${at}`)];
  return { id: `latency-${protocol}-${clients}`, load: "ping", protocol, clients, port: "echo", lines };
}

function idle(protocol: "connect" | "socks5", name: string): Row {
  const value = (grown: (cell: Cell) => number) => (cell: Cell) =>
    cell.operations > 0 ? grown(cell) / cell.operations : null;
  return {
    id: `idle-${protocol}`,
    load: "idle",
    protocol,
    clients: 1_000,
    port: "greet",
    lines: [
      { title: `KiB per idle tunnel, ${name}`, isMoreBetter: false, value: value((cell) => cell.memoryBytes / 1_024) },
      { title: `descriptors per idle tunnel, ${name}`, isMoreBetter: false, value: value((cell) => cell.descriptors) },
    ],
  };
}

function rate(title: string): Line {
  return { title, isMoreBetter: true, value: ({ operations, seconds }) => operations / seconds };
}

function p50(title: string): Line {
  return { title, isMoreBetter: false, value: ({ p50Us }) => (p50Us === null ? null : p50Us / 1_000) };
}

function p99(title: string): Line {
  return { title, isMoreBetter: false, value: ({ p99Us }) => (p99Us === null ? null : p99Us / 1_000) };
}

function cpuPerOperation(title: string): Line {
  return {
    title,
    isMoreBetter: false,
    value: ({ cpuSeconds, operations }) =>
      cpuSeconds === 0 || operations === 0 ? null : (cpuSeconds * 1e6) / operations,
  };
}
