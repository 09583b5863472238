import type { ClientRegistry } from "./client-registry.ts";

/**
 * What a proxy asks of its clients. `required` wherever others can reach the listener; `optional` where only the
 * right ones can, and credentials say which of them it is: wrong ones are refused all the same; `none` reads none.
 */
export type Authentication = "required" | "optional" | "none";

export type Authorization =
  | { readonly kind: "ok"; readonly clientId: string | null }
  | { readonly kind: "refused"; readonly reason: string };

/** Judges what a client showed; `credentials` is null when that was nothing. */
export function authorize(options: {
  readonly authentication: Authentication;
  readonly clients: ClientRegistry | undefined;
  readonly credentials: { readonly username: string; readonly password: string } | null;
}): Authorization {
  const { authentication, clients, credentials } = options;
  if (authentication === "none") return { kind: "ok", clientId: null };
  if (credentials === null) {
    if (authentication === "optional") return { kind: "ok", clientId: null };
    return { kind: "refused", reason: "the proxy needs the credentials of a client" };
  }
  const clientId = clients?.identify(credentials.username, credentials.password) ?? null;
  if (clientId === null) return { kind: "refused", reason: "unknown credentials" };
  return { kind: "ok", clientId };
}

/**
 * Credentials of a `Proxy-Authorization: Basic` field (RFC 7617 §2). Null when there is no field;
 * empty ones, which nobody has, when it is of another scheme or unreadable.
 */
export function parseBasicCredentials(
  field: string | undefined,
): { readonly username: string; readonly password: string } | null {
  if (field === undefined) return null;
  const encoded = /^basic +([A-Za-z0-9+/_=-]+) *$/i.exec(field)?.[1] ?? "";
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 0) return { username: "", password: "" };
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
