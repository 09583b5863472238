/** What a `dial-helper` sends. The connection travels beside its message. */
export type DialAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "connected"; readonly id: number; readonly address: "127.0.0.1" | "::1" }
  | { readonly kind: "failed"; readonly id: number; readonly code: string };

/** Null for anything else. By hand: a schema library takes longer to load than a sandbox to open. */
export function parseDialAnswer(raw: unknown): DialAnswer | null {
  if (typeof raw !== "object" || raw === null || !("kind" in raw)) return null;
  if (raw.kind === "ready") return { kind: "ready" };
  if (!("id" in raw) || typeof raw.id !== "number") return null;
  const { kind, id } = raw;
  if (kind === "connected" && "address" in raw) {
    const { address } = raw;
    return address === "127.0.0.1" || address === "::1" ? { kind, id, address } : null;
  }
  return kind === "failed" && "code" in raw && typeof raw.code === "string" ? { kind, id, code: raw.code } : null;
}
