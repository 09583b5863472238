/** A name and what a key file gives it. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
}

/**
 * What a text assigns to what, over all the usual kinds of key files: `NAME=value`, `export NAME="value"`,
 * `name: value` (YAML), `"name": "value",` (JSON), `//host/:_authToken=value` (npm), `password value` (netrc).
 * Bare addresses (`https://user:password@host`, git) come with the name `URL`. Whatever fits none of these is passed over.
 */
export function readAssignments(text: string): readonly Assignment[] {
  const assignments: Assignment[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.length > maxLineLength || /^\s*[#;]/.test(line)) continue;
    if (/^\s*[a-z][a-z0-9+.-]*:\/\/[^\s/]*@/i.test(line)) assignments.push({ name: "URL", value: line.trim() });
    const [, name, value] = assignment.exec(line) ?? [];
    if (name !== undefined && value !== undefined) assignments.push({ name, value: unquote(value) });
    for (const [, password = ""] of line.matchAll(/\bpassword\s+(\S+)/g)) {
      assignments.push({ name: "password", value: unquote(password) });
    }
  }
  return assignments;
}

/** No line of a key file that people write is longer. */
const maxLineLength = 16_384;

const assignment = /^[\s{,-]*(?:export\s+)?"?(?:\/\/\S*?:)?([A-Za-z_][\w.-]*)"?\s*[=:]\s*(\S.*?)[\s,}]*$/;

function unquote(value: string): string {
  return /^(["'`])(.*?)\1/.exec(value)?.[2] ?? value.replace(/\s+#.*$/, "");
}
