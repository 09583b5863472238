import { z } from "zod";
import { ProviderError } from "../errors.ts";

/** Recorded exchanges with one model server, in the order in which their answers ended. */
export interface Cassette {
  readonly header: CassetteHeader;
  readonly exchanges: readonly Exchange[];
}

/** First line of the file. */
export interface CassetteHeader {
  readonly koda: "cassette";
  readonly version: 1;
  readonly provider: string;
  readonly model: string;
  /** Epoch ms. */
  readonly recordedAtMs: number;
}

/** Every other line. Request headers are not kept: that is where the secrets are. */
export interface Exchange {
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** The body in the pieces in which it came; joined, its UTF-8 text. */
    readonly chunks: readonly string[];
  };
}

const header = z.object({
  koda: z.literal("cassette"),
  version: z.literal(1),
  provider: z.string(),
  model: z.string(),
  recordedAtMs: z.number(),
});

const exchange = z.object({
  request: z.object({ method: z.string(), path: z.string(), body: z.unknown() }),
  response: z.object({
    status: z.int().min(200).max(599),
    headers: z.record(z.string(), z.string()),
    chunks: z.array(z.string()),
  }),
});

/**
 * Reads the text of a cassette: JSON lines, header first. Blank lines are skipped, and so is a last line that
 * breaks off, which a killed recorder leaves behind.
 *
 * @throws {ProviderError} `bad_cassette` naming the line.
 */
export function parseCassette(text: string): Cassette {
  const lines = text.split("\n");
  if (lines.length > 1 && !isJson(lines.at(-1) ?? "")) lines.pop();
  const first = parseLine(header, lines[0] ?? "", 1);
  const exchanges = lines.flatMap((line, index) =>
    index === 0 || line.trim() === "" ? [] : [parseLine(exchange, line, index + 1)],
  );
  return { header: first, exchanges };
}

/** One header or exchange as its line, line end included. */
export function toCassetteLine(entry: CassetteHeader | Exchange): string {
  return `${JSON.stringify(entry)}\n`;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false; // the answer, not a failure
  }
}

function parseLine<T>(schema: z.ZodType<T>, line: string, number: number): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new ProviderError("bad_cassette", `line ${number} of the cassette is no JSON`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  throw new ProviderError("bad_cassette", `line ${number} of the cassette${where}: ${issue?.message ?? "bad shape"}`);
}
