import { z } from "zod";

const wireMessage = z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), content: z.string() }),
  z.object({ role: z.literal("user"), content: z.string() }),
  z.object({
    role: z.literal("assistant"),
    content: z.string().nullable(),
    tool_calls: z
      .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
      .optional(),
  }),
  z.object({ role: z.literal("tool"), tool_call_id: z.string(), content: z.string() }),
]);

/** One message of a request as it came over the wire. */
export type WireMessage = z.infer<typeof wireMessage>;

const wireRequest = z.object({ messages: z.array(wireMessage) });

/** The messages of a chat-completions request. Throws on anything else: the driver knows of nothing else that is sent. */
export function parseMessages(body: unknown): readonly WireMessage[] {
  return wireRequest.parse(body).messages;
}
