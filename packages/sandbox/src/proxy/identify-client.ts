import { type Authentication, type Authorization, authorize, parseBasicCredentials } from "./authorize.ts";
import type { ClientRegistry } from "./client-registry.ts";

/** Judges the value of the `Proxy-Authorization` field of one request; undefined where it has none. */
export type IdentifyClient = (authorization: string | undefined) => Authorization;

export function createIdentifyClient(options: {
  readonly authentication: Authentication;
  readonly clients?: ClientRegistry | undefined;
}): IdentifyClient {
  const { authentication, clients } = options;
  return (authorization) => authorize({ authentication, clients, credentials: parseBasicCredentials(authorization) });
}
