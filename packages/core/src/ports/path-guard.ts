/** Says which paths no tool may touch, whatever the mode. The same answer that the sandbox gives the kernel. */
export interface PathGuard {
  /** `path` is absolute, with symbolic links resolved as far as it exists. */
  check(path: string, access: "read" | "write"): PathVerdict;
}

export type PathVerdict =
  | { readonly kind: "allow" }
  /** `rule` names the protected path or pattern in words for the user and the model. */
  | { readonly kind: "deny"; readonly rule: string };
