import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createFilter } from "../src/filter/filter.ts";
import { composeHosts } from "../src/policy/compose-hosts.ts";
import { composePolicy } from "../src/policy/compose-policy.ts";
import { createLimits, type ResourceLimits } from "../src/policy/limits.ts";
import { createPermits } from "../src/policy/permits.ts";
import { createPolicy, forPlan, type Policy, type PolicyInput } from "../src/policy/policy.ts";
import { hostRules, plantTree, policyInputs, somePath, someTarget } from "./policy-pools.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

test("whatever a composition permits, both of its parts permit", () => {
  using place = temporaryDirectory();
  plantTree(place.path);
  const inputs = policyInputs(place.path);
  let granted = 0;
  fc.assert(
    fc.property(inputs, inputs, fc.array(somePath(place.path), { minLength: 60, maxLength: 60 }), (a, b, paths) => {
      const made = compose(a, b);
      if (made === null) return;
      const [both, ...parts] = [made.both, made.parent, made.child].map(createPermits);
      for (const access of ["read", "write"] as const) {
        for (const path of paths.filter((one) => both?.(one, access))) {
          granted++;
          expect(parts.map((permits) => [path, access, permits(path, access)])).toEqual(
            parts.map(() => [path, access, true]),
          );
        }
      }
      for (const policy of [made.parent, made.child]) expect(isTighter(made.both.limits, policy.limits)).toBe(true);
    }),
    { numRuns: 200 },
  );
  expect(granted).toBeGreaterThan(100); // else nothing was looked at
});

test("composed hosts allow, vouch for and deny exactly what both parts together do", () => {
  fc.assert(
    fc.property(hostRules, hostRules, someTarget, (a, b, target) => {
      const [one, two, both] = [a, b, composeHosts(a, b)].map((rules) => createFilter(rules).decide(target));
      const isAllowed = one?.kind === "allow" && two?.kind === "allow";
      expect(both?.kind).toBe(isAllowed ? "allow" : "deny");
      if (isAllowed && both?.kind === "allow") {
        expect(both.isPrivateAllowed).toBe(one.isPrivateAllowed && two.isPrivateAllowed);
      }
    }),
    { numRuns: 200 },
  );
});

test("composing a policy with itself changes nothing it permits", () => {
  using place = temporaryDirectory();
  plantTree(place.path);
  fc.assert(
    fc.property(policyInputs(place.path), somePath(place.path), (input, path) => {
      const made = compose(input, input);
      if (made === null) return;
      const [alone, both] = [createPermits(made.parent), createPermits(made.both)];
      for (const access of ["read", "write"] as const) expect(both(path, access)).toBe(alone(path, access));
    }),
  );
});

test("what git runs stays protected when only a directory inside the repository is still writable", () => {
  using place = temporaryDirectory();
  plantTree(place.path);
  const base = { projectRoot: join(place.path, "p"), home: join(place.path, "home") };
  const parent = createPolicy(base);
  const child = createPolicy({ ...base, projectRoot: join(base.projectRoot, "tools") });
  const permits = createPermits(composePolicy(parent, child));
  expect(permits(join(place.path, "p/tools/build.sh"), "write")).toBe(true);
  expect(permits(join(place.path, "p/tools/hooks/pre-commit"), "write")).toBe(false);
});

test("the composition is frozen through and through, and Plan takes every write away", () => {
  using place = temporaryDirectory();
  const policy = createPolicy({ projectRoot: place.path, home: "/nowhere", hosts: { allow: ["a.test"] } });
  for (const value of [policy, forPlan(policy), composePolicy(policy, policy)]) {
    const objects = [value, value.hosts, value.limits, ...Object.values(value), ...Object.values(value.hosts)];
    expect(objects.filter((part) => typeof part === "object" && !Object.isFrozen(part))).toEqual([]);
  }
  expect(createPermits(policy)(join(place.path, "x"), "write")).toBe(true);
  expect(createPermits(forPlan(policy))(join(place.path, "x"), "write")).toBe(false);
  expect(composePolicy(policy, forPlan(policy)).isReadOnly).toBe(true);
});

test("projects that lie apart, and policies of two homes, are refused", () => {
  using place = temporaryDirectory();
  for (const name of ["p", "q"]) mkdirSync(join(place.path, name));
  const policy = (name: string, home = "/nowhere"): Policy =>
    createPolicy({ projectRoot: join(place.path, name), home });
  expect(() => composePolicy(policy("p"), policy("q"))).toThrow(expect.objectContaining({ code: "bad_policy" }));
  expect(() => composePolicy(policy("p"), policy("p", "/other"))).toThrow(/"\/nowhere" and "\/other"/);
});

function compose(a: PolicyInput, b: PolicyInput): { parent: Policy; child: Policy; both: Policy } | null {
  try {
    const [parent, child] = [createPolicy(a), createPolicy(b)];
    return { parent, child, both: composePolicy(parent, child) };
  } catch (error) {
    expect(error).toMatchObject({ code: "bad_policy" });
    return null;
  }
}

function isTighter(limits: ResourceLimits, than: ResourceLimits): boolean {
  const names = Object.keys(createLimits({})) as (keyof ResourceLimits)[];
  return names.every((name) => than[name] === null || (limits[name] ?? Number.POSITIVE_INFINITY) <= than[name]);
}
