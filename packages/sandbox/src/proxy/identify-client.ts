import type { Socket } from "node:net";
import { type Authentication, type Authorization, authorize, parseBasicCredentials } from "./authorize.ts";
import type { ClientRegistry } from "./client-registry.ts";

/** Whose a connection is that showed no credentials; null when nobody knows. It stays open meanwhile. Never rejects. */
export type FindClient = (client: Socket) => Promise<string | null>;

/** Judges the value of the `Proxy-Authorization` field of one request; undefined where it has none. A promise only where it has none. */
export type IdentifyClient = (
  authorization: string | undefined,
  client: Socket,
) => Authorization | Promise<Authorization>;

export function createIdentifyClient(options: {
  readonly authentication: Authentication;
  readonly clients?: ClientRegistry | undefined;
  readonly findClient?: FindClient | undefined;
}): IdentifyClient {
  const { authentication, clients, findClient } = options;
  return (authorization, client) => {
    const judged = authorize({ authentication, clients, credentials: parseBasicCredentials(authorization) });
    return identifyAnonymous(judged, client, findClient);
  };
}

/** Gives one that is welcome without credentials the name that is found for it. */
export function identifyAnonymous(
  judged: Authorization,
  client: Socket,
  findClient: FindClient | undefined,
): Authorization | Promise<Authorization> {
  if (judged.kind === "refused" || judged.clientId !== null || !findClient) return judged;
  return findClient(client).then((clientId) => ({ kind: "ok", clientId }));
}
