/** How much may happen without asking. Each mode allows what the one before it does. */
export type TrustMode = "plan" | "safe" | "auto";

export const trustModes: readonly TrustMode[] = ["plan", "safe", "auto"];

/** Null for anything but the three names. */
export function parseTrustMode(text: string): TrustMode | null {
  return trustModes.find((mode) => mode === text) ?? null;
}

/** The stricter of two modes: a child never has more than its parent's current one. */
export function minTrust(left: TrustMode, right: TrustMode): TrustMode {
  return trustModes.indexOf(left) <= trustModes.indexOf(right) ? left : right;
}
