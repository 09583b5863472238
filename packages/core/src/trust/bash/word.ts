/** One word of a command. */
export interface Word {
  /** As typed, quotes and all. */
  readonly text: string;
  /** What bash makes of it before it expands globs; null when that cannot be known from the text. */
  readonly value: string | null;
  /** Where in `value` the first unquoted `*`, `?` or `[` stands; -1 when there is none. */
  readonly globAt: number;
}

/** What stands for `~` and `$HOME`, and for `$PWD` (null: not known). */
export interface WordContext {
  readonly home: string;
  readonly cwd: string | null;
}

/**
 * Takes the quotes off a word (bash manual 3.1.2). Null for every expansion but `~`, `$HOME` and `$PWD`:
 * variables, substitutions, arithmetic, braces, `$'…'`, `~user`.
 *
 *     word   = *( "'" text "'" / DQUOTE *( escaped / char ) DQUOTE / "\" char / char )
 *     escaped = "\" ( "$" / "`" / DQUOTE / "\" / LF )
 */
export function parseWord(text: string, context: WordContext): Word {
  return new WordReader(text, context).read();
}

/** The words of one simple command, for matching rules; null when it has more than words. */
export function splitWords(text: string): readonly Word[] | null {
  const words = text.match(/(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[^\s'"\\])+/g);
  return words?.map((word) => parseWord(word, { home: "~", cwd: null })) ?? null;
}

const homeOrDirectory = /^\$(?:\{(HOME|PWD)\}|(HOME|PWD)(?![A-Za-z0-9_]))/;

class WordReader {
  readonly #text: string;
  readonly #context: WordContext;
  #at = 0;
  #value = "";
  #globAt = -1;
  #isKnown = true;

  constructor(text: string, context: WordContext) {
    this.#text = text;
    this.#context = context;
  }

  read(): Word {
    this.#readTilde();
    while (this.#at < this.#text.length && this.#isKnown) this.#readPart();
    const isKnown = this.#isKnown;
    return { text: this.#text, value: isKnown ? this.#value : null, globAt: isKnown ? this.#globAt : -1 };
  }

  #readTilde(): void {
    const tilde = /^~[^/]*/.exec(this.#text)?.[0];
    if (tilde === undefined) return;
    this.#isKnown = tilde === "~";
    this.#value = this.#context.home;
    this.#at = 1;
  }

  #readPart(): void {
    const char = this.#text[this.#at] ?? "";
    if (char === "'") this.#readSingleQuoted();
    else if (char === '"') this.#readDoubleQuoted();
    else if (char === "\\") this.#readEscape();
    else if (char === "$") this.#readVariable();
    else if ("`{}()<>|&;\n".includes(char)) this.#isKnown = false;
    else {
      if ("*?[".includes(char) && this.#globAt === -1) this.#globAt = this.#value.length;
      this.#take(char);
    }
  }

  #readSingleQuoted(): void {
    const end = this.#text.indexOf("'", this.#at + 1);
    this.#isKnown = end !== -1;
    this.#value += this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
  }

  #readDoubleQuoted(): void {
    this.#at++;
    while (this.#isKnown) {
      const char = this.#text[this.#at];
      if (char === '"') break;
      if (char === undefined || char === "`") this.#isKnown = false;
      else if (char === "$") this.#readVariable();
      else if (char === "\\" && '$`"\\\n'.includes(this.#text[this.#at + 1] ?? " ")) this.#readEscape();
      else this.#take(char);
    }
    this.#at++;
  }

  #readEscape(): void {
    const escaped = this.#text[this.#at + 1];
    this.#isKnown = escaped !== undefined;
    if (escaped !== "\n") this.#value += escaped ?? "";
    this.#at += 2;
  }

  #readVariable(): void {
    const match = homeOrDirectory.exec(this.#text.slice(this.#at));
    const name = match?.[1] ?? match?.[2];
    if (match !== null && name !== undefined) {
      const value = name === "HOME" ? this.#context.home : this.#context.cwd;
      this.#isKnown = value !== null;
      this.#value += value ?? "";
      this.#at += match[0].length;
    } else if (/^\$(?![\w{[('"*@#?$!-])/.test(this.#text.slice(this.#at))) {
      this.#take("$"); // a dollar that stands for itself
    } else {
      this.#isKnown = false;
    }
  }

  #take(char: string): void {
    this.#value += char;
    this.#at++;
  }
}
