import type { HostRuleRecord, McpServerRecord, PermissionRuleRecord, ProjectStore } from "./store.ts";

/** The project part of the in-memory store. */
export function createMemoryProject(): ProjectStore {
  const permissionRules = new Map<string, readonly PermissionRuleRecord[]>();
  const hostRules = new Map<string, readonly HostRuleRecord[]>();
  const servers = new Map<string, McpServerRecord>();
  const settings = new Map<string, string>();

  return {
    listPermissionRules: (projectRoot) => permissionRules.get(projectRoot) ?? [],
    addPermissionRule(projectRoot, rule) {
      const known = permissionRules.get(projectRoot) ?? [];
      if (!known.some((other) => isSame(other, rule))) permissionRules.set(projectRoot, [...known, rule]);
    },
    removePermissionRule(projectRoot, rule) {
      const known = permissionRules.get(projectRoot) ?? [];
      const kept = known.filter((other) => !isSame(other, rule));
      permissionRules.set(projectRoot, kept);
      return kept.length < known.length;
    },
    listHostRules: (projectRoot) => hostRules.get(projectRoot) ?? [],
    addHostRule(projectRoot, rule) {
      const known = hostRules.get(projectRoot) ?? [];
      const isKnown = known.some(({ pattern }) => pattern === rule.pattern);
      const replaced = known.map((other) => (other.pattern === rule.pattern ? rule : other));
      hostRules.set(projectRoot, isKnown ? replaced : [...known, rule]);
    },
    removeHostRule(projectRoot, pattern) {
      const known = hostRules.get(projectRoot) ?? [];
      const kept = known.filter((rule) => rule.pattern !== pattern);
      hostRules.set(projectRoot, kept);
      return kept.length < known.length;
    },
    listMcpServers: () => [...servers.values()].sort((left, right) => (left.name < right.name ? -1 : 1)),
    addMcpServer(server) {
      servers.set(server.name, server);
    },
    removeMcpServer: (name) => servers.delete(name),
    readSetting: (key) => settings.get(key) ?? null,
    writeSetting(key, value) {
      settings.set(key, value);
    },
  };
}

const isSame = (left: PermissionRuleRecord, right: PermissionRuleRecord): boolean =>
  left.verdict === right.verdict && left.text === right.text;
