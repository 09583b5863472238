/** What runs in the terminal, with an environment that holds nothing else. */
export interface TerminalOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
}

/** A screen with a keyboard: tmux, or a pseudo-terminal and an emulator where there is no tmux. */
export interface Screen extends AsyncDisposable {
  /** Bytes as a keyboard sends them. */
  send(bytes: string): Promise<void>;
  /** All lines, those that scrolled away included. */
  read(): Promise<string>;
  /** Null while the program runs. */
  exitCode(): Promise<number | null>;
}
