/** What a `namespace-helper` sends. A listener travels beside its message. */
export type HelperMessage =
  | { readonly kind: "listening"; readonly name: string; readonly port: number }
  | { readonly kind: "failed"; readonly name: string; readonly message: string; readonly code: string }
  | { readonly kind: "ready"; readonly pid: number };

/** Null for anything else. By hand: a schema library takes longer to load than a namespace to open. */
export function parseHelperMessage(raw: unknown): HelperMessage | null {
  if (typeof raw !== "object" || raw === null || !("kind" in raw)) return null;
  if (raw.kind === "ready") return "pid" in raw && typeof raw.pid === "number" ? { kind: "ready", pid: raw.pid } : null;
  if (!("name" in raw) || typeof raw.name !== "string") return null;
  const { name } = raw;
  if (raw.kind === "listening") {
    return "port" in raw && typeof raw.port === "number" ? { kind: "listening", name, port: raw.port } : null;
  }
  if (raw.kind !== "failed" || !("message" in raw) || !("code" in raw)) return null;
  const { message, code } = raw;
  return typeof message === "string" && typeof code === "string" ? { kind: "failed", name, message, code } : null;
}
