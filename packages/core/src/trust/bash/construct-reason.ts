import type { SyntaxNode } from "./parse-bash.ts";
import { isHarmlessTest } from "./syntax.ts";

/**
 * Why a construct, besides the commands in it, is more than reading. Empty when it is not; null when it is not known,
 * so that a new kind of node in the grammar is never taken for harmless.
 */
export function constructReason(node: SyntaxNode): string | null {
  switch (node.type) {
    case "variable_assignment":
      return node.parent?.type === "command" ? "" : "sets a variable";
    case "declaration_command":
    case "unset_command":
      return "changes variables";
    case "arithmetic_expansion":
    case "c_style_for_statement":
      return "evaluates arithmetic";
    case "compound_statement":
      return node.text.startsWith("((") ? "evaluates arithmetic" : "";
    case "test_command":
      return isHarmlessTest(node) ? "" : "this test may run what it is given";
    case "for_statement":
      return /^[a-z_][a-z0-9_]*$/.test(node.childForFieldName("variable")?.text ?? "") ? "" : "sets a variable";
    case "expansion":
      return evaluates.test(node.text) ? "evaluates or sets a variable" : "";
    case "raw_string":
      return /[$`]/.test(node.text) && isWithinExpansion(node) ? "its quotes may not quote" : "";
    default:
      return harmlessNodes.has(node.type) ? "" : null;
  }
}

/**
 * `${x@P}`, `${x=y}`, `${!x}`, and what bash computes as arithmetic, which runs substitutions in the value of a variable:
 * subscripts other than a number, `@` or `*`, and offsets (`${x:y}`).
 */
const evaluates =
  /@[A-Za-z]\}$|:?=|^\$\{#?!|^\$\{#?\w+\[(?!(?:\d+|[@*])\])|^\$\{#?(?:\w+|[^\w\s])(?:\[[^\]]*\])?:(?![-+?=])/;

/** Within `${…}`, single quotes are mere characters to bash where the whole is in a heredoc or in double quotes. */
function isWithinExpansion(node: SyntaxNode): boolean {
  for (let outer = node.parent; outer !== null; outer = outer.parent) {
    if (outer.type === "expansion") return true;
    if (outer.type === "command_substitution" || outer.type === "process_substitution") return false;
  }
  return false;
}

const harmlessNodes = new Set(
  (
    "program if_statement elif_clause else_clause while_statement case_statement case_item do_group negated_command " +
    "variable_assignments command_name word string string_content ansi_c_string translated_string concatenation " +
    "simple_expansion special_variable_name variable_name number regex extglob_pattern test_operator file_descriptor " +
    "brace_expression array subscript binary_expression unary_expression postfix_expression ternary_expression " +
    "parenthesized_expression comment heredoc_redirect heredoc_start heredoc_body heredoc_content heredoc_end herestring_redirect"
  ).split(" "),
);
