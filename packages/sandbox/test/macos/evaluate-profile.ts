/**
 * Reads a Seatbelt profile and answers as its language is documented to: the last rule that matches an operation and its target decides. Only what
 * Koda writes is understood; anything else throws, so that no rule is passed over.
 */
export function evaluateProfile(text: string): (operation: string, target: string) => "allow" | "deny" {
  const [version, ...rules] = parse(text);
  if (JSON.stringify(version) !== '["version","1"]') throw new Error("not a profile of version 1");
  return (operation, target) => {
    let verdict: "allow" | "deny" | null = null;
    for (const rule of rules) {
      if (!Array.isArray(rule)) throw new Error(`no rule: ${rule}`);
      const [word, ...rest] = rule;
      if (word !== "allow" && word !== "deny") throw new Error(`no verdict: ${word}`);
      const operations = rest.filter((part) => typeof part === "string");
      const filters = rest.filter((part) => Array.isArray(part)).filter(([kind]) => kind !== "with");
      if (
        operations.some((name) => covers(name, operation)) &&
        (filters.length === 0 || filters.some((one) => matches(one, target)))
      ) {
        verdict = word;
      }
    }
    return verdict ?? "deny";
  };
}

type Expression = string | Expression[];

function covers(name: string, operation: string): boolean {
  if (name === "default") return true;
  return name.endsWith("*") ? operation.startsWith(name.slice(0, -1)) : name === operation;
}

function matches([kind, ...values]: Expression[], target: string): boolean {
  const value = values.at(-1);
  if (kind === "require-all") return values.every((one) => Array.isArray(one) && matches(one, target));
  if (kind === "extension" || kind === "target") return false; // of nothing asked about here
  if (typeof value !== "string") throw new Error(`no filter: ${String(kind)}`);
  switch (kind) {
    case "literal":
    case "global-name":
    case "sysctl-name":
      return target === value;
    case "subpath":
      return target === value || target.startsWith(value === "/" ? "/" : `${value}/`);
    case "sysctl-name-prefix":
      return target.startsWith(value);
    case "regex":
      return new RegExp(value, "su").test(target);
    case "remote":
    case "local":
      return value.endsWith(":*") ? target.startsWith(value.slice(0, -1)) : target === value;
    default:
      throw new Error(`no filter: ${String(kind)}`);
  }
}

function parse(text: string): Expression[] {
  const tokens = [...text.matchAll(/\s+|#"(?<raw>[^"]*)"|"(?<quoted>(?:[^"\\]|\\.)*)"|[()]|[^\s()"]+/gsu)];
  if (tokens.map(([token]) => token).join("") !== text) throw new Error("something in it is no token");
  const stack: Expression[][] = [[]];
  for (const { 0: token, groups } of tokens) {
    if (token.trim() === "") continue;
    if (token === "(") stack.push([]);
    else if (token === ")") {
      const done = stack.pop();
      const parent = stack.at(-1);
      if (done === undefined || parent === undefined) throw new Error("a bracket closes that none opened");
      parent.push(done);
    } else stack.at(-1)?.push(groups?.["raw"] ?? groups?.["quoted"]?.replace(/\\(.)/gsu, "$1") ?? token);
  }
  if (stack.length !== 1) throw new Error("a bracket does not close");
  return stack[0] ?? [];
}
