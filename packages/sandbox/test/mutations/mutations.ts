/** One defence of the sandbox, how to take it away, and the tests that must see that it is gone. */
export interface Mutation {
  readonly defence: string;
  readonly edits: readonly Edit[];
  /** Test files, relative to the package. */
  readonly tests: readonly string[];
  /** Absent: all tests of the files. Needed where the others would do harm, or wait long, without the defence. */
  readonly named?: string;
  /** Only root could do what the defence prevents. */
  readonly isForRoot?: true;
}

export interface Edit {
  /** Relative to `src`. */
  readonly file: string;
  /** Must occur; every occurrence is replaced. */
  readonly from: string;
  readonly to: string;
}

const BWRAP = "linux/bwrap-args.ts";
const SURVEY = "linux/survey-paths.ts";
const without = (file: string, from: string): Edit => ({ file, from, to: "" });
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source text of a template
const NO_FILTER: Edit = without(BWRAP, '...["--seccomp", `${options.seccompDescriptor}`],');

export const MUTATIONS: readonly Mutation[] = [
  {
    defence: "the system is mounted read-only",
    edits: [{ file: BWRAP, from: '["--ro-bind", "/", "/"', to: '["--bind", "/", "/"' }],
    tests: ["test/attacks/outside-the-project.linux.test.ts"],
  },
  {
    defence: "protected files are mounted read-only",
    edits: [without(BWRAP, '...walls.readOnly.flatMap(({ path }) => ["--ro-bind-try", path, path]),')],
    tests: ["test/attacks/protected-files.linux.test.ts"],
  },
  {
    defence: "directories above protected files are mount points",
    edits: [
      { file: BWRAP, from: ', ...walls.pinned.map(({ path }) => ({ path, flag: "--bind-try" }))', to: "" },
      without(BWRAP, "...walls.pinned.flatMap(({ path }) => [rootFlag, path, path]),"),
    ],
    tests: ["test/attacks/protected-files.linux.test.ts"],
    named: "cannot be swapped",
  },
  {
    defence: "in Plan mode the project is mounted read-only",
    edits: [{ file: BWRAP, from: 'options.isReadOnly ? "--ro-bind-try" : "--bind-try"', to: '"--bind-try"' }],
    tests: ["test/doctor.linux.test.ts"],
  },
  {
    defence: "what is planted is moved away",
    edits: [
      {
        file: "linux/undo-planted.ts",
        from: "plantedSince(survey).flatMap(",
        to: "plantedSince(survey).slice(0, 0).flatMap(",
      },
    ],
    tests: ["test/attacks/protected-files.linux.test.ts"],
    named: "every protected name",
  },
  {
    defence: "absent git directories are watched",
    edits: [
      without(
        "linux/undo-planted.ts",
        "...survey.absentGitDirectories.filter(isReplaced).map((path) => ({ path, linkTarget: null })),",
      ),
    ],
    tests: ["test/planted-repository.linux.test.ts"],
  },
  {
    defence: "links on the way to protected paths are watched",
    edits: [{ file: SURVEY, from: "const link = firstLink(root, path);", to: "const link = null as string | null;" }],
    tests: ["test/attacks/protected-files.linux.test.ts", "test/protected-paths.linux.test.ts"],
  },
  {
    defence: "the way to a project in /tmp cannot be renamed",
    edits: [
      {
        file: BWRAP,
        from: "return [...new Set(parents)].filter((parent) => !kept.includes(parent));",
        to: "return [];",
      },
    ],
    tests: ["test/swapped-paths.linux.test.ts"],
  },
  {
    defence: "secrets of the home and of the system are masked",
    edits: [
      {
        file: SURVEY,
        from: "for (const named of [...policy.secretPaths, ...policy.privateDirs]) {",
        to: "for (const named of policy.privateDirs) {",
      },
    ],
    tests: ["test/attacks/secrets.linux.test.ts"],
  },
  {
    defence: "Koda's own data is masked",
    edits: [
      {
        file: SURVEY,
        from: "for (const named of [...policy.secretPaths, ...policy.privateDirs]) {",
        to: "for (const named of policy.secretPaths) {",
      },
    ],
    tests: ["test/attacks/secrets.linux.test.ts"],
    named: "own data",
  },
  {
    defence: "no place is taken from the list of secrets",
    edits: [without("policy/always-denied.ts", '  ".aws",\n')],
    tests: ["src/policy/always-denied.test.ts"],
  },
  {
    defence: "the environment is rebuilt from an allowlist",
    edits: [
      {
        file: "sandbox-env.ts",
        from: "for (const name of ALLOWED_VARIABLES) {",
        to: "for (const name of Object.keys(environment)) {",
      },
    ],
    tests: ["test/attacks/secrets.linux.test.ts"],
    named: "environment",
  },
  {
    defence: "variables of a call do not reach what starts it",
    edits: [
      {
        file: "linux/kernel-launcher.ts",
        from: "environment: options.environment,",
        to: "environment: { ...options.environment, ...request.env },",
      },
    ],
    tests: ["test/attacks/secrets.linux.test.ts"],
    named: "a variable of the call",
  },
  {
    defence: "inherited descriptors are closed",
    edits: [
      {
        file: "linux/inherited-descriptors.ts",
        from: "if (descriptors.length === 0) return command;",
        to: "if (descriptors.length >= 0) return command;",
      },
      {
        file: "linux/inherited-descriptors.ts",
        from: 'if (process.platform !== "linux") return;',
        to: 'if (process.platform === "linux") return;',
      },
    ],
    tests: ["test/attacks/inherited-and-planted.linux.test.ts", "test/inherited-descriptors.linux.test.ts"],
  },
  {
    defence: "launchers that a command could write are not trusted",
    edits: [
      { file: "linux/find-launcher.ts", from: "if (reason === null) return", to: "if (reason !== undefined) return" },
    ],
    tests: ["test/attacks/inherited-and-planted.linux.test.ts"],
  },
  {
    defence: "a network namespace of its own",
    edits: [{ file: BWRAP, from: '"--unshare-net"', to: '"--unshare-uts"' }],
    tests: ["test/attacks/network.linux.test.ts"],
  },
  {
    defence: "/tmp is private",
    edits: [without(BWRAP, '...replaced.temporary.flatMap((directory) => ["--perms", "1777", "--tmpfs", directory]),')],
    tests: ["test/attacks/network.linux.test.ts"],
    named: "Unix sockets",
  },
  {
    defence: "/run is empty",
    edits: [
      without(BWRAP, '...replaced.runtime.flatMap((directory) => ["--tmpfs", directory]),'),
      { file: BWRAP, from: "...covered, ...replaced.runtime]", to: "...covered]" },
    ],
    tests: ["test/attacks/network.linux.test.ts"],
    named: "/run is empty",
  },
  {
    defence: "Unix sockets of the host elsewhere are masked",
    edits: [
      {
        file: SURVEY,
        from: "for (const path of hostSockets) if",
        to: "for (const path of hostSockets.slice(0, 0)) if",
      },
    ],
    tests: ["test/attacks/host-sockets.linux.test.ts"],
  },
  {
    defence: "/dev holds no device of the machine",
    edits: [
      {
        file: BWRAP,
        from: '["--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm"]',
        to: '["--dev-bind", "/dev", "/dev", "--tmpfs", "/dev/shm"]',
      },
      { file: BWRAP, from: 'EMPTY_FILE, "--remount-ro", "/dev"]', to: '"/dev/shm/empty"]' },
      { file: BWRAP, from: '["--ro-bind", EMPTY_FILE, path]', to: '["--ro-bind", "/dev/shm/empty", path]' },
    ],
    tests: ["test/attacks/processes.linux.test.ts"],
    named: "/dev holds",
  },
  {
    defence: "kernel settings are mounted read-only",
    edits: [{ file: BWRAP, from: '"--proc", "/proc", "--remount-ro", "/proc"', to: '"--proc", "/proc"' }],
    tests: ["test/run.linux.test.ts"],
    named: "nothing of the kernel",
    isForRoot: true,
  },
  {
    defence: "a process namespace of its own",
    edits: [{ file: BWRAP, from: '"--unshare-pid", ', to: "" }],
    tests: ["test/attacks/processes.linux.test.ts"],
    named: "processes outside",
  },
  {
    defence: "IPC and host names of its own",
    edits: [{ file: BWRAP, from: '"--unshare-ipc", "--unshare-uts", ', to: "" }],
    tests: ["test/attacks/processes.linux.test.ts"],
    named: "hostname",
  },
  {
    defence: "no capabilities",
    edits: [{ file: BWRAP, from: '"--cap-drop", "ALL", ', to: "" }],
    tests: ["test/attacks/processes.linux.test.ts"],
    named: "capability",
    isForRoot: true,
  },
  {
    defence: "no further user namespaces, with the filter of system calls gone too",
    edits: [{ file: BWRAP, from: ', "--disable-userns"', to: "" }, NO_FILTER],
    tests: ["test/attacks/processes.linux.test.ts"],
    named: "capability",
  },
  { defence: "the filter of system calls", edits: [NO_FILTER], tests: ["test/attacks/system-calls.linux.test.ts"] },
  {
    defence: "its rule about io_uring",
    edits: [{ file: "linux/seccomp/rules.ts", from: '"io_uring_setup", ', to: "" }],
    tests: ["test/attacks/system-calls.linux.test.ts"],
    named: "io_uring",
  },
  {
    defence: "commands die with Koda, and the guard ends what is left",
    edits: [
      { file: BWRAP, from: '["--die-with-parent", "--new-session"', to: '["--new-session"' },
      { file: "linux/session-guard.ts", from: "&& kill -KILL", to: "&& true" },
    ],
    tests: ["test/program.linux.test.ts"],
    named: "takes every confined process along",
  },
  {
    defence: "a killed command takes its tree along",
    edits: [
      {
        file: "confined-process.ts",
        from: 'if (this.#first !== null) sendSignal(this.#first.pid, "SIGKILL");',
        to: "if (this.#first !== null) return;",
      },
    ],
    tests: ["test/run.linux.test.ts"],
    named: "at the time limit",
  },
  {
    defence: "limits of single processes",
    edits: [without("linux/kernel-launcher.ts", "          ...limited,\n")],
    tests: ["test/limits.linux.test.ts"],
    named: "no file grows",
  },
  {
    defence: "a NUL becomes no option of bubblewrap",
    edits: [{ file: "confined-process.ts", from: "if (split !== undefined) {", to: "if (split !== split) {" }],
    tests: ["test/attacks/outside-the-project.linux.test.ts"],
    named: "a NUL",
  },
  {
    defence: "stdin is empty",
    edits: [
      { file: "session-sandbox.ts", from: 'stdio: ["ignore", "pipe", "pipe"]', to: 'stdio: ["pipe", "pipe", "pipe"]' },
    ],
    tests: ["test/attacks/processes.linux.test.ts"],
    named: "stdin",
  },
  {
    defence: "git inside runs no fsmonitor",
    edits: [without("sandbox-env.ts", '["core.fsmonitor", "false"],')],
    tests: ["test/planted-repository.linux.test.ts"],
    named: "fsmonitor",
  },
  {
    defence: "file tools judge where a link leads",
    edits: [
      {
        file: "policy/path-guard.ts",
        from: 'return written.kind === "deny" ? written : checkOne(toRealPath(path), access);',
        to: "return written;",
      },
    ],
    tests: ["test/attacks/outside-the-project.linux.test.ts"],
    named: "a link that a command left",
  },
  {
    defence: "a worktree's pointer is believed only with one back",
    edits: [
      {
        file: "policy/git-directory.ts",
        from: "if (toRealPath(resolve(worktreeDir, backPointer)) !== dotGit) return null;",
        to: "",
      },
    ],
    tests: ["test/attacks/odd-places.linux.test.ts"],
    named: "points at another repository",
  },
];
