import { expect, test } from "vitest";
import { advise, type MachineFacts } from "./doctor-advice.ts";

const FINE: MachineFacts = {
  isRoot: false,
  bwrapVersion: "bubblewrap 0.8.0\n",
  maxUserNamespaces: "15000",
  unprivilegedUserNamespaces: "1",
  restrictedByAppArmor: null,
  isInContainer: false,
  controllers: ["cpu", "memory", "pids"],
  limitWarnings: [],
};

test("where nothing is missing nothing is advised", () => {
  expect(advise(FINE, true)).toEqual([]);
  expect(advise(FINE, false)).toEqual([]);
});

test.each<[Partial<MachineFacts>, string, string]>([
  [{ bwrapVersion: "bubblewrap 0.4.1\n" }, "bubblewrap 0.4.1 is too old", "bubblewrap/stable-backports"],
  [{ maxUserNamespaces: "0" }, "switched off", "sysctl -w user.max_user_namespaces=15000"],
  [{ unprivilegedUserNamespaces: "0" }, "ordinary users", "kernel.unprivileged_userns_clone=1"],
  [{ restrictedByAppArmor: "1" }, "AppArmor", "/etc/apparmor.d/bwrap"],
  [{ isInContainer: true }, "container", "--security-opt seccomp=unconfined"],
])("where commands are not confined, %j is named with what to type", (facts, missing, type) => {
  const advice = advise({ ...FINE, ...facts }, false);
  expect(advice).toHaveLength(1);
  expect(advice[0]?.missing).toContain(missing);
  expect(advice[0]?.type).toContain(type);
});

test("what binds ordinary users only is not told to root", () => {
  const facts = { ...FINE, isRoot: true, unprivilegedUserNamespaces: "0", restrictedByAppArmor: "1" };
  expect(advise(facts, false)).toEqual([]);
});

test.each<[Partial<MachineFacts>, string]>([
  [{}, "systemd-run --user --scope -p Delegate=yes -- koda"],
  [{ isRoot: true }, "systemd-run --scope -p Delegate=yes -- koda"],
  [{ controllers: [] }, "systemd.unified_cgroup_hierarchy=1"],
])("limits that need a cgroup: with %j", (facts, type) => {
  const advice = advise({ ...FINE, ...facts, limitWarnings: ["cpus is not enforced"] }, true);
  expect(advice[0]?.missing).toContain("cpus is not enforced");
  expect(advice[0]?.type).toContain(type);
});
