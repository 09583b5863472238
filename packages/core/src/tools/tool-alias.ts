/**
 * The name of ours for a name that a model uses from habit: `read_file` → `Read`, `run_command` → `Bash`.
 * Any other snake_case or lower-case name becomes PascalCase: `todo_write` → `TodoWrite`. It may still name no tool.
 */
export function canonicalToolName(name: string): string {
  return habits.get(name.toLowerCase()) ?? toPascalCase(name);
}

function toPascalCase(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

const habits: ReadonlyMap<string, string> = new Map([
  ["read_file", "Read"],
  ["view_file", "Read"],
  ["cat", "Read"],
  ["write_file", "Write"],
  ["create_file", "Write"],
  ["edit_file", "Edit"],
  ["str_replace", "Edit"],
  ["multi_edit", "Edit"],
  ["multiedit", "Edit"],
  ["delete_file", "Delete"],
  ["remove_file", "Delete"],
  ["ls", "List"],
  ["list_dir", "List"],
  ["list_directory", "List"],
  ["list_files", "List"],
  ["find_files", "Glob"],
  ["glob_files", "Glob"],
  ["search_files", "Grep"],
  ["grep_search", "Grep"],
  ["ripgrep", "Grep"],
  ["shell", "Bash"],
  ["run_command", "Bash"],
  ["execute_command", "Bash"],
  ["run_shell_command", "Bash"],
]);
