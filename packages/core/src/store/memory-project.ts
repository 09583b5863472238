import { checkRow, toKept } from "./memory-checks.ts";
import type {
  HookRecord,
  HostRuleRecord,
  McpServerRecord,
  PermissionRuleRecord,
  ProjectStore,
} from "./project-store.ts";
import type { UndoLog } from "./undo-log.ts";

/** The project part of the in-memory store. */
export function createMemoryProject(openLog: () => UndoLog): ProjectStore {
  const permissionRules = new Map<string, readonly PermissionRuleRecord[]>();
  const hostRules = new Map<string, readonly HostRuleRecord[]>();
  const servers = new Map<string, McpServerRecord>();
  const hooks = new Map<string, readonly HookRecord[]>();
  const settings = new Map<string, string>();

  /** What a project has in `map`, when the store is open. */
  const read = <Value>(map: Map<string, readonly Value[]>, projectRoot: string): readonly Value[] => {
    openLog();
    return map.get(projectRoot) ?? [];
  };
  const write = <Value>(map: Map<string, Value>, key: string, value: Value): void => {
    const log = openLog();
    log.transaction(() => log.set(map, key, value));
  };
  /** Keeps what `isKept` says. Whether anything went. */
  const filter = <Value>(
    map: Map<string, readonly Value[]>,
    projectRoot: string,
    isKept: (value: Value) => boolean,
  ): boolean => {
    const known = read(map, projectRoot);
    const kept = known.filter(isKept);
    write(map, projectRoot, kept);
    return kept.length < known.length;
  };

  return {
    listPermissionRules: (projectRoot) => read(permissionRules, projectRoot),
    addPermissionRule(projectRoot, rule, nowMs) {
      checkRow({ whole: [nowMs], chosen: [[rule.verdict, "allow ask deny"]] });
      const known = read(permissionRules, projectRoot);
      if (!known.some((other) => isSame(other, rule))) write(permissionRules, projectRoot, [...known, toKept(rule)]);
    },
    removePermissionRule: (projectRoot, rule) => filter(permissionRules, projectRoot, (other) => !isSame(other, rule)),
    listHostRules: (projectRoot) => read(hostRules, projectRoot),
    addHostRule(projectRoot, rule, nowMs) {
      checkRow({ whole: [nowMs], chosen: [[rule.verdict, "allow allow-private deny"]] });
      const known = read(hostRules, projectRoot);
      const isKnown = known.some(({ pattern }) => pattern === rule.pattern);
      const replaced = known.map((other) => (other.pattern === rule.pattern ? toKept(rule) : other));
      write(hostRules, projectRoot, isKnown ? replaced : [...known, toKept(rule)]);
    },
    removeHostRule: (projectRoot, pattern) => filter(hostRules, projectRoot, (rule) => rule.pattern !== pattern),
    listMcpServers() {
      openLog();
      return [...servers.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
    },
    addMcpServer(server, nowMs) {
      checkRow({ whole: [nowMs] });
      write(servers, server.name, toKept(server));
    },
    removeMcpServer(name) {
      const log = openLog();
      return log.transaction(() => log.remove(servers, [name])) > 0;
    },
    listHooks: (projectRoot) =>
      read(hooks, projectRoot).toSorted((left, right) => left.order - right.order || (left.name < right.name ? -1 : 1)),
    addHook(projectRoot, hook) {
      checkRow({ whole: [hook.order, hook.timeoutMs], chosen: [[hook.role, "guard observer async"]] });
      const others = read(hooks, projectRoot).filter(({ name }) => name !== hook.name);
      write(hooks, projectRoot, [...others, toKept(hook)]);
    },
    removeHook: (projectRoot, name) => filter(hooks, projectRoot, (hook) => hook.name !== name),
    readSetting(key) {
      openLog();
      return settings.get(key) ?? null;
    },
    writeSetting: (key, value) => write(settings, key, value),
  };
}

const isSame = (left: PermissionRuleRecord, right: PermissionRuleRecord): boolean =>
  left.verdict === right.verdict && left.text === right.text;
