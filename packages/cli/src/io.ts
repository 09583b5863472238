/** What the process offers a command; handed down so that nothing below `main` reaches for globals. */
export interface Io {
  readonly stdin: NodeJS.ReadStream & { readonly fd: number };
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Where SIGINT and its like arrive. */
  readonly signals: NodeJS.EventEmitter;
}
