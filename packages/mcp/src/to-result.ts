import { z } from "zod";

/** What a tool call gave, for a model to read. */
export interface McpToolResult {
  /** At most 40 000 characters and the line that says how many were dropped. */
  readonly text: string;
  readonly isError: boolean;
}

const longestText = 40_000;

const resource = z.object({ uri: z.string(), mimeType: z.string().optional(), text: z.string().optional() });

/** The content blocks that are shown; any other is named by its type. */
const block = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.enum(["image", "audio"]), mimeType: z.string(), data: z.string() }),
  z.object({ type: z.literal("resource"), resource }),
  z.object({ type: z.literal("resource_link"), uri: z.string(), name: z.string().optional() }),
]);

/** A `tools/call` result. `content` is empty where it is missing: beside `structuredContent`, and at old servers. */
export interface CallResult {
  readonly content: readonly unknown[];
  readonly structuredContent?: unknown;
  readonly isError: boolean;
}

/** A result as it arrives. */
export const callResult: z.ZodType<CallResult> = z.looseObject({
  content: z.array(z.unknown()).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().default(false),
});

/** Text blocks joined by line ends; what is no text stands as a marker in brackets. */
export function toResult(result: CallResult): McpToolResult {
  const shown = result.content.map(toText);
  if (shown.length === 0 && result.structuredContent !== undefined) {
    shown.push(JSON.stringify(result.structuredContent));
  }
  return { text: bounded(shown.join("\n")), isError: result.isError };
}

/** The first 40 000 characters, never half of one; the rest is named, not kept. */
export function bounded(text: string): string {
  if (text.length <= longestText) return text;
  const isSplit = /[\uD800-\uDBFF]/.test(text.charAt(longestText - 1));
  const kept = text.slice(0, isSplit ? longestText - 1 : longestText);
  return `${kept}\n[${text.length - kept.length} more characters dropped]`;
}

function toText(value: unknown): string {
  const parsed = block.safeParse(value);
  if (!parsed.success) return `[content of type ${typeOf(value)}, not shown]`;
  const { data } = parsed;
  switch (data.type) {
    case "text":
      return data.text;
    case "image":
    case "audio":
      return `[${data.type} ${data.mimeType}, ${Math.floor((data.data.length * 3) / 4)} bytes, not shown]`;
    case "resource":
      return data.resource.text ?? `[resource ${data.resource.uri} ${data.resource.mimeType ?? ""}, not shown]`;
    case "resource_link":
      return `[resource ${data.uri}${data.name === undefined ? "" : ` "${data.name}"`}]`;
    default:
      return data satisfies never;
  }
}

function typeOf(value: unknown): string {
  const isTyped = typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
  return isTyped ? String(value.type).slice(0, 40) : "unknown";
}
