export type { ConfinedProcess, ProcessExit, StdioMode } from "./confined-process.ts";
export { SandboxError, type SandboxErrorCode } from "./errors.ts";
export { type AddressClass, classifyAddress, type OwnAddresses, toOwnAddresses } from "./filter/address.ts";
export { DEFAULT_DEV_ALLOWLIST, devAllowlistFilter } from "./filter/dev-allowlist.ts";
export { createFilter, Filter, type FilterRules, type FilterVerdict } from "./filter/filter.ts";
export { type BroadRule, findBroadRules } from "./filter/find-broad-rules.ts";
export { parseAuthority, parseHost, type Target } from "./filter/target.ts";
export { fromDenial, parseSeatbeltLog, type SeatbeltDenial } from "./macos/seatbelt-log.ts";
export { openSandbox, type SandboxOptions } from "./open-sandbox.ts";
export {
  PROTECTED_GIT_PATHS,
  PROTECTED_HOME_PATHS,
  PROTECTED_PROJECT_PATHS,
  SECRET_HOME_PATHS,
  SECRET_SYSTEM_PATHS,
} from "./policy/always-denied.ts";
export { composePolicy } from "./policy/compose-policy.ts";
export { composeLimits, createLimits, defaultLimits, type LimitsInput, type ResourceLimits } from "./policy/limits.ts";
export { escapeWildcards, type PathGlob } from "./policy/path-glob.ts";
export { createPathGuard, type PathGuard, type PathVerdict } from "./policy/path-guard.ts";
export { createPermits } from "./policy/permits.ts";
export { createPolicy, forPlan, type Policy, type PolicyInput } from "./policy/policy.ts";
export type { PortHandle, PortOptions } from "./ports/port-handle.ts";
export { type PortMapping, parsePortMapping } from "./ports/port-mapping.ts";
export type { Authentication } from "./proxy/authorize.ts";
export { BuiltInProxy } from "./proxy/built-in-proxy.ts";
export { BuiltInSocks5Proxy } from "./proxy/built-in-socks5-proxy.ts";
export { type ClientCredentials, ClientRegistry } from "./proxy/client-registry.ts";
export type { ResolveHost } from "./proxy/dial.ts";
export { ExternalProxy, type ExternalProxyExit, type ExternalProxyOptions } from "./proxy/external-proxy.ts";
export {
  type AskAboutHost,
  type HostAnswer,
  type HostAnswerOutcome,
  type HostQuestion,
  HostQuestions,
} from "./proxy/host-questions.ts";
export type { FindClient } from "./proxy/identify-client.ts";
export { defaultProxyLimits, type ProxyLimits } from "./proxy/limits.ts";
export { OwnListeners } from "./proxy/own-listeners.ts";
export { type ProxyEndpoint, type ProxyEnvOptions, proxyEnv, type SshOptions } from "./proxy/proxy-env.ts";
export type {
  ConnectionEvent,
  ConnectionListener,
  ConnectionProtocol,
  FilteringProxyHandle,
  ProxyHandle,
  ProxyStats,
  Remedy,
} from "./proxy/proxy-handle.ts";
export type { ProxyOptions } from "./proxy/proxy-options.ts";
export { parseUpstream, type UpstreamSettingNames, type UpstreamSettings } from "./proxy/upstream/parse-upstream.ts";
export type { Upstream, UpstreamProxy } from "./proxy/upstream/upstream.ts";
export { upstreamFromEnvironment } from "./proxy/upstream/upstream-from-environment.ts";
export type { OutputChunk } from "./run-confined.ts";
export type {
  BackgroundCommand,
  BackgroundRequest,
  ConfinedRequest,
  ConfinedResult,
  ConfinedSpawn,
  Sandbox,
  SandboxEnforcement,
  SandboxWarning,
} from "./sandbox.ts";
export { ALLOWED_VARIABLES } from "./sandbox-env.ts";
export type { Violation } from "./violations.ts";
