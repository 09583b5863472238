import type { IncomingMessage } from "node:http";
import { type Authentication, type Authorization, authorize, parseBasicCredentials } from "./authorize.ts";
import type { ClientRegistry } from "./client-registry.ts";

/** Judges the `Proxy-Authorization` of one request. */
export type IdentifyClient = (request: IncomingMessage) => Authorization;

export function createIdentifyClient(options: {
  readonly authentication: Authentication;
  readonly clients: ClientRegistry | undefined;
}): IdentifyClient {
  return (request) => {
    const credentials = parseBasicCredentials(request.headers["proxy-authorization"]);
    return authorize({ ...options, credentials });
  };
}
