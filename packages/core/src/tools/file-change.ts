/** What a call did to one file. `path` is relative to the project. */
export interface FileChange {
  readonly path: string;
  readonly kind: "created" | "changed" | "deleted";
  readonly addedLines: number;
  readonly removedLines: number;
}
