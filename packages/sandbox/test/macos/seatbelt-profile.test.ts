import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toRegexSource } from "../../src/macos/glob-source.ts";
import { type ProfileOptions, seatbeltProfile } from "../../src/macos/seatbelt-profile.ts";
import { SECRET_LIBRARY_PATHS, SECRET_MAC_PATHS } from "../../src/macos/secret-library-paths.ts";
import { defaultLimits } from "../../src/policy/limits.ts";
import { compileGlob, parsePathGlob } from "../../src/policy/path-glob.ts";
import { createPermits } from "../../src/policy/permits.ts";
import { createPolicy, type Policy } from "../../src/policy/policy.ts";
import { plantTree, policyInputs, somePath } from "../policy-pools.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { evaluateProfile } from "./evaluate-profile.ts";

const mac: Policy = {
  projectRoot: "/Users/ada/p",
  writePaths: ["/Users/ada/p"],
  readOnlyPaths: [],
  readOnlyGlobs: [],
  readDenyPaths: [],
  readDenyGlobs: [],
  isReadOnly: false,
  hosts: {},
  limits: defaultLimits,
  privateDirs: ["/Users/ada/.local/share/koda"],
  secretPaths: ["/Users/ada/.ssh", "/etc/shadow"],
  quarantineDirs: [],
  home: "/Users/ada",
  outerGitDir: null,
};

function profile(policy: Partial<Policy> = {}, options: Partial<ProfileOptions> = {}): string {
  return seatbeltProfile({
    policy: { ...mac, ...policy },
    isReadOnly: false,
    proxyPorts: [4001, 4002],
    temporaryDirectory: "/private/var/folders/xy/T/koda-session-1",
    protectedPaths: [],
    logTag: "koda-tag",
    ...options,
  });
}

function judge(policy: Partial<Policy> = {}, options: Partial<ProfileOptions> = {}) {
  return evaluateProfile(profile(policy, options));
}

test("the profile of a plain project, but for its lists of names", () => {
  const skeleton = profile()
    .split("\n")
    .filter((line) => !/^ {2}\((?:regex|global-name|sysctl|subpath "\/Users\/ada\/Library)/.test(line));
  expect(skeleton.join("\n")).toMatchInlineSnapshot(`
    "(version 1)
    (deny default (with message "koda-tag"))
    (allow process-exec)
    (allow process-fork)
    (allow process-info* (target same-sandbox))
    (allow signal (target same-sandbox))
    (allow ipc-posix-sem)
    (allow pseudo-tty)
    (allow mach-lookup
    (allow sysctl-read
    (allow file-write* (literal "/dev/null") (literal "/dev/zero") (subpath "/dev/fd"))
    (allow file-read* file-write* file-ioctl (literal "/dev/ptmx"))
    (allow file-read* file-write* file-ioctl (require-all (regex #"^/dev/ttys[0-9]+$") (extension "com.apple.sandbox.pty")))
    (allow file-read*)
    (deny file-read* file-write*
      (subpath "/private/tmp"))
    (allow file-read*
      (subpath "/Users/ada/p"))
    (allow file-write*
      (subpath "/Users/ada/p"))
    (deny file-read* file-write*
      (subpath "/private/var/tmp"))
    (allow file-read* file-write*
      (subpath "/private/var/folders/xy/T/koda-session-1"))
    (deny file-read* file-write*
      (subpath "/Users/ada/.ssh")
      (subpath "/private/etc/shadow")
      (subpath "/Users/ada/.local/share/koda")
      (subpath "/Library/Keychains")
      (subpath "/private/etc/master.passwd")
      (subpath "/private/var/at")
      (subpath "/private/var/db/dslocal")
      (subpath "/private/var/root"))
    (deny file-write*
    (deny file-write-unlink
      (literal "/Users/ada/p")
      (literal "/Users/ada/p/.git")
      (literal "/Users/ada/p/.git/info"))
    (deny file-write-setugid)
    (allow network-bind network-inbound (local ip "localhost:*"))
    (allow network-outbound (remote ip "localhost:4001"))
    (allow network-outbound (remote ip "localhost:4002"))
    "
  `);
});

test.each([
  'a") (allow default) ("',
  "a\\",
  'a\\") (allow network*) (literal "',
  "it's (all) #\"; ok",
  "ünï cödé 漢字",
])("a project named %j changes no rule of the profile [MA-01]", (name) => {
  const root = `/Users/ada/${name}`;
  const judged = judge({ projectRoot: root, writePaths: [root], readDenyPaths: [`${root}/x`] });
  expect(judged("file-write-create", `${root}/src/a`)).toBe("allow");
  expect(judged("file-write-create", `${root}/.koda/a`)).toBe("deny");
  expect(judged("file-read-data", `${root}/x/y`)).toBe("deny");
  expect(judged("file-write-create", "/Users/ada/x")).toBe("deny");
  expect(judged("network-outbound", "1.1.1.1:443")).toBe("deny");
  expect(judged("job-creation", "")).toBe("deny");
});

test.each(["new\nline", "tab\t", "nul\0", "del\u007f"])("a project named %j is refused [MA-01]", (name) => {
  const root = `/Users/ada/${name}`;
  expect(() => profile({ writePaths: [root] })).toThrow(expect.objectContaining({ code: "bad_policy" }));
});

test("nothing is connected to but the two proxies, whatever the mode [MA-02] [MA-03] [MA-12]", () => {
  for (const judged of [judge(), judge({}, { isReadOnly: true })]) {
    for (const port of ["4001", "4002"]) expect(judged("network-outbound", `localhost:${port}`)).toBe("allow");
    for (const target of [
      "localhost:53",
      "localhost:5432",
      "1.1.1.1:443",
      "/private/var/run/mDNSResponder",
      "/Users/ada/p/s",
    ]) {
      expect([target, judged("network-outbound", target)]).toEqual([target, "deny"]);
    }
    expect(judged("network-bind", "localhost:3000")).toBe("allow");
    expect(judged("network-bind", "0.0.0.0:3000")).toBe("deny");
  }
});

test.each([
  [
    "starts an application or sends it an event [MA-04]",
    ["com.apple.coreservices.launchservicesd", "com.apple.coreservices.appleevents", "com.apple.lsd.open"],
  ],
  ["hands a job to launchd [MA-05]", ["com.apple.xpc.launchd.domain.user.501", "com.apple.SMAppService"]],
  ["reads the pasteboard [MA-06]", ["com.apple.pasteboard.1", "com.apple.pboard"]],
  ["reads a keychain [MA-07]", ["com.apple.SecurityServer", "com.apple.securityd.xpc", "com.apple.secd"]],
  ["resolves names [MA-03]", ["com.apple.mDNSResponder", "com.apple.dnssd.service"]],
])("no service is reached that %s", (_rule, services) => {
  for (const name of services) expect([name, judge()("mach-lookup", name)]).toEqual([name, "deny"]);
  for (const operation of ["appleevent-send", "lsopen", "job-creation", "mach-register", "mach-priv-task-port"]) {
    expect([operation, judge()(operation, "")]).toEqual([operation, "deny"]);
  }
});

test("the services that are reached are these", () => {
  expect(
    profile()
      .match(/(?<=global-name ")[^"]+/g)
      ?.join(" "),
  ).toBe(
    "com.apple.bsd.dirhelper com.apple.logd com.apple.system.logger com.apple.system.notification_center com.apple.system.opendirectoryd.libinfo com.apple.system.opendirectoryd.membership",
  );
});

test("no directory on the way to a protected file is renamed or removed [MA-08]", () => {
  const judged = judge(
    { readDenyPaths: ["/Users/ada/p/deep/er/secret"] },
    { protectedPaths: ["/Users/ada/p/tools/hooks"] },
  );
  const fixed = [
    "",
    "/.git",
    "/.git/info",
    "/.git/hooks",
    "/deep",
    "/deep/er",
    "/deep/er/secret",
    "/tools",
    "/tools/hooks",
  ];
  for (const name of fixed) expect([name, judged("file-write-unlink", `/Users/ada/p${name}`)]).toEqual([name, "deny"]);
  expect(judged("file-write-unlink", "/Users/ada/p/src")).toBe("allow");
});

test.each([
  ".GIT/hooks/pre-commit",
  ".git/Config",
  ".Git/modules/a/b/hooks/x",
  "vendor/.git/config",
  ".VSCODE/tasks.json",
  ".mcp.JSON",
  "Head",
])("%s is protected in any letter case [MA-09] [LF-10]", (name) => {
  expect(judge()("file-write-create", `/Users/ada/p/${name}`)).toBe("deny");
});

test("what is named like a protected file only in part is not protected", () => {
  for (const name of [".github/workflows/ci.yml", ".gitignore", ".vscodex", "x.mcp.json", "src/HEAD", ".git/index"]) {
    expect([name, judge()("file-write-create", `/Users/ada/p/${name}`)]).toEqual([name, "allow"]);
  }
});

test("a path is denied in every spelling that the kernel may know it by [MA-09]", () => {
  const nfc = "/Users/ada/p/gehe\u0069m-\u00fc";
  const judged = judge({ readDenyPaths: [nfc, "/var/data", "/System/Volumes/Data/Users/ada/q"] });
  for (const path of [nfc, nfc.normalize("NFD"), "/private/var/data/x", "/Users/ada/q", "/private/etc/shadow"]) {
    expect([path, judged("file-read-data", path)]).toEqual([path, "deny"]);
  }
});

test("secrets below the home and other applications' data are not read [MA-07] [MA-10]", () => {
  const paths = [
    ".ssh/id",
    ".local/share/koda/koda.db",
    "Library/Keychains/login.keychain-db",
    "Library/Cookies/x",
    "Library/Application Support/Google/Chrome/x",
  ];
  for (const path of paths) expect([path, judge()("file-read-data", `/Users/ada/${path}`)]).toEqual([path, "deny"]);
  expect(judge()("file-read-data", "/Users/ada/notes")).toBe("allow");
  expect(judge()("file-read-data", "/private/tmp/other")).toBe("deny");
});

test("what a Mac keeps from commands besides the secrets of every home is pinned [MA-10]", () => {
  expect(SECRET_LIBRARY_PATHS.map((path) => path.replace("Library/", "")).join(", ")).toBe(
    "Accounts, Application Scripts, Application Support, Biome, Calendars, CloudStorage, Containers, Cookies, Group Containers, HTTPStorages, IdentityServices, Keychains, Mail, Messages, Metadata, Mobile Documents, Personas, Reminders, Safari, Saved Application State, Suggestions, WebKit",
  );
  expect(SECRET_MAC_PATHS.join(" ")).toBe(
    "/Library/Keychains /private/etc/master.passwd /private/var/at /private/var/db/dslocal /private/var/root",
  );
});

test("processes outside, and the user's terminal, are not touched [MA-13]", () => {
  for (const operation of ["signal", "process-info-pidinfo", "mach-priv-task-port"])
    expect(judge()(operation, "other")).toBe("deny");
  for (const setting of ["kern.procargs2", "kern.proc.all"]) expect(judge()("sysctl-read", setting)).toBe("deny");
  for (const device of ["/dev/ttys003", "/dev/tty", "/dev/disk0"]) {
    expect([device, judge()("file-write-data", device), judge()("file-ioctl", device)]).toEqual([
      device,
      "deny",
      "deny",
    ]);
  }
});

test("a .git file that leads elsewhere makes nothing writable [MA-14]", () => {
  const judged = judge({}, { protectedPaths: ["/Users/ada/other/.git/hooks"] });
  expect(judged("file-write-create", "/Users/ada/other/.git/index")).toBe("deny");
  expect(judge({ outerGitDir: "/Users/ada/main/.git" })("file-write-create", "/Users/ada/main/.git/index")).toBe(
    "allow",
  );
  expect(judge({ outerGitDir: "/Users/ada/main/.git" })("file-write-create", "/Users/ada/main/.git/hooks/x")).toBe(
    "deny",
  );
});

test("Plan mode and a read-only policy leave only the temporary directory writable", () => {
  for (const judged of [judge({}, { isReadOnly: true }), judge({ isReadOnly: true })]) {
    expect(judged("file-write-create", "/Users/ada/p/x")).toBe("deny");
    expect(judged("file-write-create", "/private/var/folders/xy/T/koda-session-1/x")).toBe("allow");
  }
});

test("whatever a profile lets read or write, its policy permits", () => {
  using place = temporaryDirectory();
  plantTree(place.path);
  let allowed = 0;
  fc.assert(
    fc.property(
      policyInputs(place.path),
      fc.array(somePath(place.path), { minLength: 60, maxLength: 60 }),
      (input, paths) => {
        const policy = tryCreate(input);
        if (policy === null) return;
        const judged = judge(policy, { policy, protectedPaths: [join(place.path, "p/tools/hooks")] });
        const permits = createPermits(policy);
        for (const path of paths) {
          const known = `/private${path}`; // the tree lies in /tmp
          for (const [access, operation] of [
            ["read", "file-read-data"],
            ["write", "file-write-create"],
          ] as const) {
            if (judged(operation, known) !== "allow") continue;
            allowed++;
            expect([path, access, permits(path, access)]).toEqual([path, access, true]);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
  expect(allowed).toBeGreaterThan(50);
});

test("a pattern's expression matches whatever the pattern does", () => {
  const part = fc.constantFrom(
    "a",
    "B",
    "?",
    "*",
    "**",
    "[ab]",
    "[!a]",
    "{a,b*}",
    "{1..3}",
    "\\*",
    ".",
    "(",
    "+",
    "é",
    "x y",
    "[id]",
  );
  const pattern = fc.array(
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")),
    { minLength: 1, maxLength: 3 },
  );
  const name = fc.array(fc.constantFrom("a", "b", "A", "1", "*", ".", "(", "+", "é", "x y", "/"), {
    minLength: 1,
    maxLength: 6,
  });
  let matched = 0;
  fc.assert(
    fc.property(pattern, name, (parts, letters) => {
      const text = `*${parts.join("/")}`;
      const path = letters.join("");
      fc.pre(!parts.some((one) => /^[.]{1,2}$/.test(one))); // dots alone are no names
      fc.pre(!/^\/|\/$|\/\//.test(path));
      const glob = parsePathGlob(text, { from: "/", pattern: text });
      if (!compileGlob(glob)(path)) return;
      matched++;
      expect([text, path, new RegExp(`^${toRegexSource(glob.pattern)}$`, "su").test(path)]).toEqual([text, path, true]);
    }),
    { numRuns: 5000 },
  );
  expect(matched).toBeGreaterThan(50);
});

function tryCreate(input: Parameters<typeof createPolicy>[0]): Policy | null {
  try {
    return createPolicy(input);
  } catch {
    return null; // grants what may not be granted
  }
}
