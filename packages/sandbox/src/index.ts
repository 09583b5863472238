export { SandboxError, type SandboxErrorCode } from "./errors.ts";
export { type AddressClass, classifyAddress } from "./filter/address.ts";
export { DEFAULT_DEV_ALLOWLIST, devAllowlistFilter } from "./filter/dev-allowlist.ts";
export { createFilter, Filter, type FilterRules, type FilterVerdict } from "./filter/filter.ts";
export { parseAuthority, parseHost, type Target } from "./filter/target.ts";
export type { Authentication } from "./proxy/authorize.ts";
export { BuiltInProxy } from "./proxy/built-in-proxy.ts";
export { BuiltInSocks5Proxy } from "./proxy/built-in-socks5-proxy.ts";
export { type ClientCredentials, ClientRegistry } from "./proxy/client-registry.ts";
export type { ResolveHost } from "./proxy/dial.ts";
export { defaultProxyLimits, type ProxyLimits } from "./proxy/limits.ts";
export { type ProxyEndpoint, type ProxyEnvOptions, proxyEnv } from "./proxy/proxy-env.ts";
export type {
  ConnectionEvent,
  ConnectionListener,
  ConnectionProtocol,
  ProxyHandle,
  ProxyStats,
} from "./proxy/proxy-handle.ts";
export type { ProxyOptions } from "./proxy/proxy-options.ts";
