import assert from "node:assert/strict";
import { projectRoot } from "./sample-records.ts";
import { type StoreConformanceCase, toCase } from "./store-conformance-case.ts";

/** What users have settled. */
export const projectCases: readonly StoreConformanceCase[] = [
  toCase("permission rules belong to a project, once each, in the order given", (store) => {
    const allow = { verdict: "allow", text: "Bash(npm test:*)" } as const;
    const deny = { verdict: "deny", text: "Bash(npm test:*)" } as const;
    for (const rule of [allow, deny, allow]) store.addPermissionRule(projectRoot, rule, 1);
    assert.deepEqual(store.listPermissionRules(projectRoot), [allow, deny]);
    assert.deepEqual(store.listPermissionRules("/projects/two"), []);
    assert.equal(store.removePermissionRule(projectRoot, allow), true);
    assert.equal(store.removePermissionRule(projectRoot, allow), false);
    assert.deepEqual(store.listPermissionRules(projectRoot), [deny]);
  }),

  toCase("a host pattern has one verdict, the last one given", (store) => {
    store.addHostRule(projectRoot, { verdict: "allow", pattern: "*.example.com" }, 1);
    store.addHostRule(projectRoot, { verdict: "allow", pattern: "b.com" }, 1);
    store.addHostRule(projectRoot, { verdict: "deny", pattern: "*.example.com" }, 2);
    assert.deepEqual(store.listHostRules(projectRoot), [
      { verdict: "deny", pattern: "*.example.com" },
      { verdict: "allow", pattern: "b.com" },
    ]);
    assert.equal(store.removeHostRule(projectRoot, "b.com"), true);
    assert.equal(store.removeHostRule(projectRoot, "b.com"), false);
  }),

  toCase("MCP servers are kept by name, whole", (store) => {
    const server = { name: "files", command: "npx", args: ["-y", "a b"], env: { A: '"' } };
    store.addMcpServer({ ...server, command: "old" }, 1);
    store.addMcpServer(server, 2);
    assert.deepEqual(store.listMcpServers(), [server]);
    assert.equal(store.removeMcpServer("files"), true);
    assert.equal(store.removeMcpServer("files"), false);
  }),

  toCase("hooks belong to a project, by order and name, and one of the same name is replaced", (store) => {
    const hook = {
      name: "lint",
      event: "after-tool",
      role: "observer",
      order: 10,
      timeoutMs: 5000,
      matcherJson: '{"tool":"Edit"}',
      command: "npm run lint",
    } as const;
    const guard = { ...hook, name: "guard", role: "guard", order: -1 } as const;
    const build = { ...hook, name: "build" } as const;
    store.addHook(projectRoot, { ...hook, command: "old" }, 1);
    for (const each of [hook, guard, build]) store.addHook(projectRoot, each, 2);
    assert.deepEqual(store.listHooks(projectRoot), [guard, build, hook]);
    assert.deepEqual(store.listHooks("/projects/two"), []);
    assert.equal(store.removeHook(projectRoot, "lint"), true);
    assert.equal(store.removeHook(projectRoot, "lint"), false);
    assert.equal(store.removeHook("/projects/two", "build"), false);
  }),

  toCase("a setting is what was written last, and null before", (store) => {
    assert.equal(store.readSetting("model"), null);
    store.writeSetting("model", "a");
    store.writeSetting("model", "b");
    assert.equal(store.readSetting("model"), "b");
  }),
];
