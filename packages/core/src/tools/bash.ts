import { homedir } from "node:os";
import { z } from "zod";
import { resolvePath } from "../files/resolve-path.ts";
import type { RunResult } from "../ports/runner.ts";
import { type BashClassification, classifyBash } from "../trust/classify-bash.ts";
import { normalizeInput } from "./normalize-input.ts";
import type { CallAssessment, Tool, ToolContext, ToolResult } from "./tool.ts";

const defaultTimeoutMs = 120_000;
const maxTimeoutMs = 600_000;
/** The most output that the model reads; the head and the tail of more are kept. */
const maxOutputLength = 30_000;

interface BashInput {
  readonly command: string;
  readonly timeoutMs: number;
  readonly description?: string | undefined;
}

/** Bash: one command in a fresh shell in the project, confined by the sandbox. */
export const bashTool: Tool<BashInput> = {
  name: "Bash",
  description:
    "Runs a command in a new bash in the project directory: no variable, function or directory change lasts to the next call. " +
    "It is confined: it writes only inside the project and reaches only allowed hosts. " +
    "What was refused is listed in <sandbox_violations>; do not work around it. There is no terminal and no input.",
  inputSchema: normalizeInput(
    z.object({
      command: z
        .string()
        .min(1)
        .refine((command) => !command.includes("\0"), "a command has no NUL"),
      timeoutMs: z.int().min(1).max(maxTimeoutMs).default(defaultTimeoutMs).describe("Milliseconds, at most 600000"),
      description: z.string().max(500).optional().describe("What it is for, in a few words"),
    }),
    { cmd: "command", timeout_ms: "timeoutMs" },
  ),
  assess: ({ command }, { projectRoot }) => assess(command, projectRoot),
  execute,
};

const classify = (command: string, projectRoot: string): Promise<BashClassification> =>
  classifyBash(command, { projectRoot, cwd: projectRoot, home: homedir() });

async function assess(command: string, projectRoot: string): Promise<CallAssessment> {
  const { effect, paths, commands, readOnlyCommands, reason } = await classify(command, projectRoot);
  const resolved = paths.map(async ({ path, access }) => ({ path: await resolvePath(path, { projectRoot }), access }));
  return { effect, paths: await Promise.all(resolved), commands, readOnlyCommands, reason, subject: command };
}

async function execute(input: BashInput, context: ToolContext): Promise<ToolResult> {
  // A command that was judged read-only also runs so: a wrong judgement then costs a failed command, not a changed file.
  const isReadOnly =
    context.mode === "plan" || (await classify(input.command, context.projectRoot)).effect === "read-only";
  const result = await context.runner.run(
    {
      callId: context.callId,
      command: input.command,
      timeoutMs: input.timeoutMs,
      isReadOnly,
      onOutput: (chunk) => context.onOutput(chunk.text),
    },
    { signal: context.signal },
  );
  const { exitCode } = result;
  return { text: describe(result, input.timeoutMs), isError: exitCode !== 0, exitCode };
}

function describe(result: RunResult, timeoutMs: number): string {
  const output = keepHeadAndTail(result.output.trimEnd());
  // What a command prints must not pass for what the sandbox says.
  const parts = [output === "" ? "(no output)" : output.replaceAll("<sandbox_violations", "&lt;sandbox_violations")];
  if (result.isTimedOut) parts.push(`[stopped after ${timeoutMs} ms]`);
  else if (result.exitCode === null) parts.push(`[ended by ${result.signal ?? "a signal"}]`);
  else if (result.exitCode !== 0) parts.push(`[exit code ${result.exitCode}]`);
  if (result.violations.length > 0) {
    const sentences = result.violations.slice(0, 50).map((violation) => `- ${violation.slice(0, 500)}`);
    parts.push(["<sandbox_violations>", ...sentences, "</sandbox_violations>"].join("\n"));
  }
  return parts.join("\n");
}

function keepHeadAndTail(text: string): string {
  if (text.length <= maxOutputLength) return text;
  const half = maxOutputLength / 2;
  return `${text.slice(0, half)}\n[${text.length - maxOutputLength} characters left out]\n${text.slice(-half)}`;
}
