export { SandboxError, type SandboxErrorCode } from "./errors.ts";
export { type AddressClass, classifyAddress } from "./filter/address.ts";
export { DEFAULT_DEV_ALLOWLIST, devAllowlistFilter } from "./filter/dev-allowlist.ts";
export { createFilter, Filter, type FilterRules, type FilterVerdict } from "./filter/filter.ts";
export { parseAuthority, parseHost, type Target } from "./filter/target.ts";
export type {
  ConnectionEvent,
  ConnectionListener,
  ConnectionProtocol,
  ProxyHandle,
  ProxyStats,
} from "./proxy/proxy-handle.ts";
