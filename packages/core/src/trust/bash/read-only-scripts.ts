/**
 * The few scripts in a program's own language that are sure to only print. All three languages can run programs,
 * write files or read the environment, so what is not plainly of one of these forms is not read-only.
 */
export function isReadOnlyScript(program: string, script: string): boolean {
  if (script.length > maxScriptLength) return false;
  if (program === "sed") return script.split(/[;\n]/).every(isPrintingSed);
  if (program === "awk") return printingAwk.test(script);
  if (program === "jq") return !jqBeyondInput.test(script);
  return false;
}

/** So that no pattern below has much to walk through. */
const maxScriptLength = 500;

/** `5p`, `1,20p`, `/a/,$d`, `$=`, `s/a/b/g`; never `e`, `w`, `r`, nor flags of `s` that run or write. */
function isPrintingSed(command: string): boolean {
  return command.trim() === "" || sedAddressed.test(command) || sedSubstitution.test(command);
}

const sedAddressed =
  /^\s*(?:(?:\d+|\$|\/(?:[^/\\\n]|\\.)*\/)(?:,(?:\d+|\$|\+\d+|\/(?:[^/\\\n]|\\.)*\/))?)?\s*!?\s*[pdPD=q]\s*$/;
const sedSubstitution =
  /^\s*(?:(?:\d+|\$)(?:,(?:\d+|\$))?)?\s*s([/|#,:@])(?:(?!\1)[^\\\n]|\\[^\n])*\1(?:(?!\1)[^\\\n]|\\[^\n])*\1[gpiI0-9]*\s*$/;

/** `{print $1, $NF}`, also for `NR==1` or lines that match a plain pattern. */
const printingAwk =
  /^\s*(?:NR\s*(?:==|<=|>=|>|<)\s*\d+|\/[\w .:@-]*\/)?\s*\{\s*print(?:\s+(?:\$\d+|\$NF|\$0|NR|NF)(?:\s*,\s*(?:\$\d+|\$NF|\$0|NR|NF))*)?\s*;?\s*\}\s*$/;

/** What reaches past the input: the environment, other files, modules. */
const jqBeyondInput =
  /\b(?:env|ENV|input_filename|import|include|modulemeta|get_search_list|debug|stderr|input_line_number)\b|\$__/;
