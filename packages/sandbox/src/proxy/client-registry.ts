import { randomBytes, randomUUID, timingSafeEqual } from "node:crypto";

export interface ClientCredentials {
  /** Letters, digits, `-` and `_`: safe in a URL and in Basic authentication. */
  readonly username: string;
  readonly password: string;
}

/** Who may use a proxy, and under which id its connections are recorded. Shared by the proxies of one session. */
export class ClientRegistry {
  readonly #byUsername = new Map<string, Client>();
  readonly #byClientId = new Map<string, ClientCredentials>();

  /** Fresh credentials; until they are revoked, the same client id gets the same ones again. */
  issue(clientId: string): ClientCredentials {
    const known = this.#byClientId.get(clientId);
    if (known) return known;
    const isPlain = /^[A-Za-z0-9_-]{1,64}$/.test(clientId) && !this.#byUsername.has(clientId);
    const username = isPlain ? clientId : randomUUID();
    return this.add(clientId, { username, password: randomBytes(24).toString("base64url") });
  }

  /** Accepts credentials that were chosen elsewhere. Those the client id or the user name had before end. */
  add(clientId: string, credentials: ClientCredentials): ClientCredentials {
    this.revoke(clientId);
    const previous = this.#byUsername.get(credentials.username);
    if (previous) this.revoke(previous.clientId);
    this.#byUsername.set(credentials.username, { clientId, password: Buffer.from(credentials.password) });
    this.#byClientId.set(clientId, credentials);
    return credentials;
  }

  /** Later connections with these credentials are refused. Does nothing for an unknown id. */
  revoke(clientId: string): void {
    const credentials = this.#byClientId.get(clientId);
    if (!credentials) return;
    this.#byClientId.delete(clientId);
    this.#byUsername.delete(credentials.username);
  }

  /** The client id, or null. Takes the same time for an unknown name, a wrong password of the right length and a right one. */
  identify(username: string, password: string): string | null {
    const client = this.#byUsername.get(username);
    const given = Buffer.from(password);
    const known = client?.password ?? nobody;
    const isEqual = given.length === known.length ? timingSafeEqual(known, given) : !timingSafeEqual(known, known);
    return client && isEqual ? client.clientId : null;
  }
}

interface Client {
  readonly clientId: string;
  readonly password: Buffer;
}

/** Compared with where there is no such client. Its length is that of the passwords issued here. */
const nobody: Buffer = Buffer.alloc(32);
