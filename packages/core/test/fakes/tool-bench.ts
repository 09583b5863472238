import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileTracker } from "../../src/files/file-tracker.ts";
import type { PathGuard } from "../../src/ports/path-guard.ts";
import { builtInTools } from "../../src/tools/built-in-tools.ts";
import { ToolCatalog } from "../../src/tools/catalog.ts";
import type { CallAssessment, ToolContext, ToolResult } from "../../src/tools/tool.ts";
import type { TrustMode } from "../../src/trust/trust-mode.ts";
import { PlainRunner } from "./plain-runner.ts";

/** A temporary directory with a project in it, and the built-in tools at work there. Disposing removes everything. */
export class ToolBench implements Disposable {
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), "koda-tools-")));
  readonly root: string;
  readonly files: FileTracker = new FileTracker([]);
  readonly runner: PlainRunner;
  guard: PathGuard = { check: () => ({ kind: "allow" }) };
  mode: TrustMode = "auto";
  readonly #catalog = ToolCatalog.create(builtInTools());

  constructor(options: { readonly violations?: readonly string[] | undefined } = {}) {
    this.root = realpathSync(mkdtempSync(join(this.directory, "project-")));
    this.runner = new PlainRunner({ cwd: this.root, violations: options.violations });
  }

  /** Parses, assesses and runs a call, as the engine does. */
  async call(name: string, input: unknown, options: { readonly signal?: AbortSignal } = {}): Promise<ToolResult> {
    const { tool, parsed, assessment } = await this.#prepare(name, input);
    return tool.execute(parsed, this.context(assessment, options.signal));
  }

  async assess(name: string, input: unknown): Promise<CallAssessment> {
    return (await this.#prepare(name, input)).assessment;
  }

  context(assessment?: CallAssessment, signal: AbortSignal = new AbortController().signal): ToolContext {
    return {
      callId: "call",
      callKey: "key",
      attempt: 1,
      projectRoot: this.root,
      assessment,
      mode: this.mode,
      runner: this.runner,
      pathGuard: this.guard,
      files: this.files,
      signal,
      onOutput: () => undefined,
    };
  }

  async #prepare(name: string, input: unknown) {
    const tool = this.#catalog.find(name);
    if (tool === null) throw new Error(`no tool ${name}`);
    const parsed = tool.inputSchema.parse(input);
    return { tool, parsed, assessment: await tool.assess(parsed, { projectRoot: this.root }) };
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
