import { SandboxError } from "../../errors.ts";
import { assemble, type Statement } from "./assemble.ts";
import { type ArgumentTest, ERRNOS, SECCOMP_RULES, type SeccompRule } from "./rules.ts";
import { type SeccompArch, SYSCALL_NUMBERS, type SyscallName } from "./syscall-numbers.ts";

/**
 * The filter of `SECCOMP_RULES` for one machine (a value of `process.arch`), as bubblewrap's `--seccomp` reads it.
 * Calls made as another machine's (32-bit programs, `int 0x80`) kill the process: their numbers mean something else.
 * Numbers of x32, which only kernels with a special setting have, answer ENOSYS.
 *
 * @throws {SandboxError} `unsupported_platform` for a machine whose system calls are not known here.
 */
export function seccompProgram(arch: string): Buffer {
  if (arch !== "x64" && arch !== "arm64") {
    throw new SandboxError("unsupported_platform", `no system call filter for ${arch}: it is known for x64 and arm64`);
  }
  return assemble([
    { kind: "load", offset: ARCH_OFFSET },
    { kind: "jump", when: "equal", value: AUDIT_ARCHS[arch], to: null, elseTo: "kill" },
    { kind: "load", offset: NUMBER_OFFSET },
    ...(arch === "x64" ? [jumpTo("ENOSYS", "at-least", X32_BIT)] : []),
    ...rulesByCall(arch).flatMap(({ number, rules }) => [jumpTo(sectionOf(rules), "equal", number)]),
    { kind: "return", value: ALLOW },
    ...argumentSections(arch),
    ...Object.entries(ERRNOS).flatMap(([name, errno]): Statement[] => [
      { kind: "label", name },
      { kind: "return", value: ERRNO | errno },
    ]),
    { kind: "label", name: "kill" },
    { kind: "return", value: KILL_PROCESS },
  ]);
}

// struct seccomp_data (linux/seccomp.h); each argument has 64 bits, low half first
const NUMBER_OFFSET = 0;
const ARCH_OFFSET = 4;
const ARGUMENTS_OFFSET = 16;
const ARGUMENT_BYTES = 8;

const ALLOW = 0x7fff_0000;
const ERRNO = 0x0005_0000;
const KILL_PROCESS = 0x8000_0000;

const AUDIT_ARCHS: Readonly<Record<SeccompArch, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 }; // linux/audit.h
const X32_BIT = 0x4000_0000; // __X32_SYSCALL_BIT, asm/unistd.h

interface CallRules {
  readonly number: number;
  readonly rules: readonly SeccompRule[];
}

function rulesByCall(arch: SeccompArch): readonly CallRules[] {
  const names = new Set<SyscallName>(SECCOMP_RULES.flatMap((rule) => rule.calls));
  return [...names].flatMap((name) => {
    const number = SYSCALL_NUMBERS[name][arch];
    return number === null ? [] : [{ number, rules: SECCOMP_RULES.filter((rule) => rule.calls.includes(name)) }];
  });
}

/** Calls with the same rules share a section; one that is refused whatever its arguments goes straight to the answer. */
function sectionOf(rules: readonly SeccompRule[]): string {
  const [first] = rules;
  if (first !== undefined && first.when === undefined) return first.answer;
  return `rules ${rules.map((rule) => SECCOMP_RULES.indexOf(rule)).join(" ")}`;
}

function argumentSections(arch: SeccompArch): readonly Statement[] {
  const sections = new Map(rulesByCall(arch).map(({ rules }) => [sectionOf(rules), rules]));
  return [...sections].flatMap(([section, rules]): Statement[] => {
    if (section in ERRNOS) return [];
    return [
      { kind: "label", name: section },
      ...rules.flatMap((rule, index) => judge(rule, `${section}: ${index}`)),
      { kind: "return", value: ALLOW },
    ];
  });
}

/** Ends with the rule's answer if all its tests hold, and goes on behind it if one does not. */
function judge(rule: SeccompRule, name: string): readonly Statement[] {
  const tests = rule.when ?? [];
  return [
    ...tests.flatMap((test, index) => examine(test, { holds: `${name} ${index}`, fails: `${name} end` })),
    { kind: "return", value: ERRNO | ERRNOS[rule.answer] },
    { kind: "label", name: `${name} end` },
  ];
}

function examine(test: ArgumentTest, { holds, fails }: { holds: string; fails: string }): readonly Statement[] {
  const isOneOf = test.is === "one of";
  const last = test.values.length - 1;
  return [
    { kind: "load", offset: ARGUMENTS_OFFSET + test.argument * ARGUMENT_BYTES },
    ...(test.mask === undefined ? [] : [{ kind: "keep", bits: test.mask } as const]),
    ...test.values.map((value, index): Statement => {
      const elseTo = isOneOf && index === last ? fails : null;
      return { kind: "jump", when: "equal", value, to: isOneOf ? holds : fails, elseTo };
    }),
    { kind: "label", name: holds },
  ];
}

function jumpTo(to: string, when: "equal" | "at-least", value: number): Statement {
  return { kind: "jump", when, value, to, elseTo: null };
}
