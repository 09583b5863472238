import type * as http from "node:http";

/**
 * Node's HTTP without the module that an `import` makes of it: making that one looks at each export, and one of them loads Node's whole web client,
 * 20 ms on every start.
 */
const nodeHttp: typeof http = process.getBuiltinModule("node:http");

export const createServer: typeof http.createServer = nodeHttp.createServer;
export const request: typeof http.request = nodeHttp.request;
export const ServerResponse: typeof http.ServerResponse = nodeHttp.ServerResponse;
export const STATUS_CODES: typeof http.STATUS_CODES = nodeHttp.STATUS_CODES;
