import type { CommandInput, InnerCommand, SimpleCommand } from "./command.ts";
import { constructReason } from "./construct-reason.ts";
import { changeDirectory, type Directories, isTooMany, staying, unite } from "./directories.ts";
import { judgeCommand } from "./judge-command.ts";
import type { BashParser, SyntaxNode } from "./parse-bash.ts";
import { roughPieces } from "./rough-pieces.ts";
import { isHarmlessDevice, type ScriptReport } from "./script-report.ts";
import { hasUnreadText, listParts, nodesOf, readCommand, readRedirection } from "./syntax.ts";
import { parseWord, type Word } from "./word.ts";

/** Deeper scripts (substitutions, blocks, `sh -c` in `sh -c`) are not followed. */
const maxDepth = 100;
const maxScripts = 5;

/** What a walk needs, and how deep it is. */
export interface WalkOptions {
  readonly parse: BashParser;
  readonly home: string;
  readonly report: ScriptReport;
}

interface State {
  readonly directories: readonly string[];
  readonly input: CommandInput;
  readonly depth: number;
  readonly scripts: number;
}

/** Walks through one script from one of `directories`, and reports every act in it, in every branch. */
export function walkScript(script: string, directories: readonly string[], options: WalkOptions): void {
  new ScriptWalk(options).walk(script, { directories, input: { kind: "other" }, depth: 0, scripts: 0 });
}

class ScriptWalk {
  readonly #parse: BashParser;
  readonly #home: string;
  readonly #report: ScriptReport;

  constructor({ parse, home, report }: WalkOptions) {
    this.#parse = parse;
    this.#home = home;
    this.#report = report;
  }

  walk(script: string, state: State): Directories {
    if (state.scripts > maxScripts) return this.#notUnderstood(script, "scripts within scripts are too deep", state);
    return this.#parse(script, (root) => {
      // Bash joins a line that ends in a backslash before it looks for words; the grammar does not.
      if (root === null || root.hasError || hasUnreadText(root, script) || /\S\\\n\S/.test(script)) {
        for (const text of roughPieces(script)) this.#notUnderstood(text, "it cannot be parsed", state);
        this.#notUnderstood(script, "it cannot be parsed", state);
      }
      return root === null ? staying(state.directories) : this.#visit(root, state);
    });
  }

  #visit(node: SyntaxNode, state: State): Directories {
    if (state.depth > maxDepth) return this.#notUnderstood(node.text, "it is nested too deeply", state);
    const deeper = { ...state, depth: state.depth + 1 };
    switch (node.type) {
      case "list":
        return this.#visitList(node, deeper);
      case "pipeline":
        return this.#visitPipeline(node, deeper);
      case "redirected_statement":
        return this.#visitStatement(node, deeper);
      case "command":
        return this.#visitCommand(node, { extra: [], state: deeper });
      case "subshell":
        this.#visitSequence(nodesOf(node), deeper);
        return staying(state.directories);
      case "command_substitution":
      case "process_substitution":
        this.#visitSequence(nodesOf(node), { ...deeper, input: { kind: "other" } });
        return staying(state.directories);
      case "file_redirect":
        return this.#visitRedirection(node, deeper);
      case "function_definition":
        return this.#visitFunction(node, deeper);
      default:
        this.#reportConstruct(node);
        return this.#visitSequence(nodesOf(node), deeper);
    }
  }

  /** One after the other, each also if the one before failed. */
  #visitSequence(nodes: readonly SyntaxNode[], state: State): Directories {
    let current = state.directories;
    for (const node of nodes)
      current = this.#unite(current, this.#visit(node, { ...state, directories: current }).afterAll);
    return staying(current);
  }

  #visitList(node: SyntaxNode, state: State, redirections: readonly SyntaxNode[] = []): Directories {
    const { first, rest } = listParts(node);
    let last = first === null ? staying(state.directories) : this.#visit(first, state);
    for (const [index, { operator, node: next }] of rest.entries()) {
      const from = { ...state, directories: operator === "&&" ? last.afterSuccess : last.afterAll };
      const isEnd = index === rest.length - 1;
      const after = isEnd ? this.#visitRedirected(next, redirections, from) : this.#visit(next, from);
      const afterAll = this.#unite(last.afterAll, after.afterAll);
      last = { afterSuccess: operator === "&&" ? after.afterSuccess : afterAll, afterAll };
    }
    return last;
  }

  #visitPipeline(node: SyntaxNode, state: State, redirections: readonly SyntaxNode[] = []): Directories {
    const parts = nodesOf(node);
    for (const [index, part] of parts.entries()) {
      const from: State = index === 0 ? state : { ...state, input: { kind: "pipe" } };
      this.#visitRedirected(part, index === parts.length - 1 ? redirections : [], from);
    }
    return staying(state.directories);
  }

  #visitStatement(node: SyntaxNode, state: State): Directories {
    const body = node.childForFieldName("body");
    const redirections = nodesOf(node).filter((each) => each.id !== body?.id);
    return body === null ? this.#visitSequence(redirections, state) : this.#visitRedirected(body, redirections, state);
  }

  /** The grammar hangs the redirections of `a && b > f` and `a | b > f` on the whole; bash, and this, on the last command. */
  #visitRedirected(body: SyntaxNode, redirections: readonly SyntaxNode[], state: State): Directories {
    if (redirections.length === 0) return this.#visit(body, state);
    if (body.type === "list") return this.#visitList(body, state, redirections);
    if (body.type === "pipeline") return this.#visitPipeline(body, state, redirections);
    const read = redirections.map((each) => readRedirection(each));
    const input = read.findLast((each) => each.input !== null)?.input ?? state.input;
    const extra = read.flatMap((each) => each.extraWords);
    const isCommand = body.type === "command";
    if (extra.length > 0 && !isCommand) {
      this.#notUnderstood(body.text, "words after a redirection of a block", state);
    }
    const after = isCommand
      ? this.#visitCommand(body, { extra, state: { ...state, input } })
      : this.#visit(body, { ...state, input });
    if (redirections.every(({ type }) => type !== "heredoc_redirect")) {
      for (const each of redirections) this.#visit(each, state);
      return after;
    }
    // `cat <<EOF | sh` and `cat <<EOF && cd x`: the grammar hangs what follows on the redirection.
    const directories = this.#unite(state.directories, after.afterAll);
    return this.#visitSequence(redirections, { ...state, directories, input: { kind: "pipe" } });
  }

  #visitCommand(
    node: SyntaxNode,
    { extra, state }: { readonly extra: readonly string[]; readonly state: State },
  ): Directories {
    const { assignments, words, redirections } = readCommand(node);
    const read = redirections.map((each) => readRedirection(each));
    const input = read.findLast((each) => each.input !== null)?.input ?? state.input;
    for (const child of nodesOf(node)) this.#visit(child, { ...state, input: { kind: "other" } });
    const texts = [...words, ...read.flatMap((each) => each.extraWords), ...extra];
    const context = { home: this.#home, cwd: state.directories.length === 1 ? (state.directories[0] ?? null) : null };
    return this.#run(
      {
        text: [...assignments, ...texts].join(" "),
        words: texts.map((text) => parseWord(text, context)),
        assignments,
        input,
      },
      state,
    );
  }

  #run(command: SimpleCommand, state: State): Directories {
    const [program, ...args] = command.words;
    if (program !== undefined && ["cd", "pushd", "popd"].includes(program.value ?? "")) {
      return this.#changeDirectory(command.text, program.value === "popd" ? null : args, state);
    }
    const { effect, reason, paths, inner } = judgeCommand(command);
    this.#report.add({ text: command.text, effect, reason });
    this.#report.addPaths(paths, state.directories);
    let after = staying(state.directories);
    for (const each of inner) {
      const reached = this.#runInner(each, { ...state, depth: state.depth + 1, scripts: state.scripts + 1 });
      if (["command", "builtin", "eval"].includes(program?.value ?? "")) after = reached;
    }
    return after;
  }

  #runInner(inner: InnerCommand, state: State): Directories {
    if (inner.kind === "script") return this.walk(inner.script, state);
    if (state.scripts > maxScripts * 2)
      return this.#notUnderstood(inner.words[0]?.text ?? "", "wrappers are too deep", state);
    const text = inner.words.map((word) => word.text).join(" ");
    return this.#run(
      { text, words: inner.words, assignments: [], input: inner.input },
      { ...state, scripts: state.scripts },
    );
  }

  #changeDirectory(text: string, args: readonly Word[] | null, state: State): Directories {
    const to = args === null ? null : changeDirectory(args, { from: state.directories, home: this.#home });
    if (to === null) return this.#notUnderstood(text, "which directory it goes to cannot be known here", state);
    this.#report.add({ text, effect: "read-only", reason: "changes the directory" });
    this.#report.addPaths(
      to.map((path) => ({ path, access: "read" })),
      ["/"],
    );
    return { afterSuccess: to, afterAll: this.#unite(state.directories, to) };
  }

  #visitRedirection(node: SyntaxNode, state: State): Directories {
    const { target, access, text } = readRedirection(node);
    const word = target === null ? null : parseWord(target, { home: this.#home, cwd: state.directories[0] ?? null });
    for (const child of nodesOf(node)) this.#visit(child, { ...state, input: { kind: "other" } });
    if (word === null || access === null) return staying(state.directories);
    const path = word.value;
    if (path !== null && /^\/dev\/(?:tcp|udp)\//.test(path)) {
      this.#report.add({ text, effect: "remote-action", reason: "opens a connection" });
    } else if (access === "write" && !(path !== null && isHarmlessDevice(path))) {
      this.#report.add({ text, effect: "local-mutation", reason: "writes to a file" });
    } else if (path === null) {
      this.#report.add({
        text,
        effect: "local-mutation",
        reason: "which file it reads cannot be known here",
      });
    }
    if (path !== null) this.#report.addPaths([{ path, access }], state.directories);
    return staying(state.directories);
  }

  #visitFunction(node: SyntaxNode, state: State): Directories {
    const name = node.childForFieldName("name")?.text ?? "";
    const body = node.childForFieldName("body");
    const callsItself = body?.descendantsOfType("command_name").some((each) => each.text === name) === true;
    if (callsItself) this.#notUnderstood(name, "a function that calls itself", state);
    this.#report.add({ text: node.text, effect: "local-mutation", reason: "defines a function" });
    return this.#visitSequence(nodesOf(node), state);
  }

  /** What a construct does by itself, besides the commands in it. */
  #reportConstruct(node: SyntaxNode): void {
    const reason = constructReason(node);
    if (reason === "") return;
    if (reason === null)
      this.#report.add({ text: node.text, effect: "destructive", reason: `a ${node.type} is not understood` });
    else this.#report.add({ text: node.text, effect: "local-mutation", reason });
  }

  #notUnderstood(text: string, reason: string, state: State): Directories {
    this.#report.add({ text, effect: "destructive", reason });
    return staying(state.directories);
  }

  #unite(left: readonly string[], right: readonly string[]): readonly string[] {
    if (isTooMany(left, right))
      this.#report.add({ text: "cd", effect: "destructive", reason: "it changes the directory too often" });
    return unite(left, right);
  }
}
