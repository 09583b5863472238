import { type CommandInput, type InnerCommand, type Judgement, judged } from "./command.ts";
import type { Word } from "./word.ts";
import { joinWords } from "./wrappers.ts";

const shells = new Set("sh bash dash zsh ksh ash mksh fish".split(" "));
const interpreters = new Set(
  "python python2 python3 node nodejs deno bun perl ruby php lua pwsh osascript Rscript tclsh expect".split(" "),
);

/** Programs that run what they are given: never read-only, and no rule is offered that would cover all they can do. */
export function isInterpreter(program: string): boolean {
  return shells.has(program) || interpreters.has(program) || /^(?:python|perl|ruby|node)[\d.]+$/.test(program);
}

/** Judges a program that runs a script; null when `program` is none. */
export function judgeScriptRunner(program: string, args: readonly Word[], input: CommandInput): Judgement | null {
  if (program === "eval") return runsScript(joinWords(args), "eval runs a text");
  if (program === "trap")
    return args.length < 2 ? plain("trap") : runsScript(args[0]?.value ?? null, "trap runs a text");
  if (program === "alias")
    return args.length === 0 ? plain("alias") : runsScript(aliasBody(args), "alias stands for a text");
  if (shells.has(program)) return judgeShell(program, args, input);
  return isInterpreter(program) ? judgeInterpreter(program, args, input) : null;
}

function judgeShell(program: string, args: readonly Word[], input: CommandInput): Judgement {
  const flag = args.findIndex(({ value }) => value !== null && /^-[a-z]*c$/.test(value));
  const firstOperand = args.findIndex(({ value }) => value === null || !/^[-+]/.test(value));
  if (flag !== -1 && (firstOperand === -1 || flag < firstOperand)) {
    return runsScript(args[flag + 1]?.value ?? null, `${program} -c runs a text`);
  }
  const isFromInput = firstOperand === -1 || args.some(({ value }) => value === "-s");
  if (!isFromInput) return plain(`${program} runs a script`);
  if (input.kind === "script") return runsScript(input.text, `${program} runs a text`);
  return input.kind === "pipe" ? unseen(program) : plain(`${program} runs what is put in`);
}

function judgeInterpreter(program: string, args: readonly Word[], input: CommandInput): Judgement {
  const isFromInput = args.every(({ value }) => value === "-");
  return isFromInput && input.kind === "pipe" ? unseen(program) : plain(`${program} runs a program`);
}

function runsScript(script: string | null, reason: string): Judgement {
  if (script === null) return judged("destructive", `${reason} that is put together while it runs`);
  const inner: readonly InnerCommand[] = [{ kind: "script", script }];
  return judged("local-mutation", reason, { inner });
}

const plain = (reason: string): Judgement => judged("local-mutation", reason);

const unseen = (program: string): Judgement =>
  judged("destructive", `${program} runs what comes through a pipe, which cannot be seen here`);

function aliasBody(args: readonly Word[]): string | null {
  const bodies = args.map(({ value }) => value?.replace(/^[^=]*=?/, "") ?? null);
  return bodies.includes(null) ? null : bodies.join("\n");
}
