import { expect, test } from "vitest";
import { toRequest } from "./to-request.ts";

const settings = { model: "m", outputLimitField: "max_tokens" } as const;

test("a conversation becomes the body that OpenAI documents", () => {
  const inputSchema = { type: "object", properties: { path: { type: "string" } } };
  const body = toRequest(
    {
      system: "be brief",
      messages: [
        { role: "user", text: "read a" },
        { role: "assistant", text: "", toolCalls: [{ callId: "c1", name: "Read", argumentsJson: '{"path":"a"}' }] },
        { role: "tool", callId: "c1", text: "content", isError: false },
        { role: "assistant", text: "done", toolCalls: [] },
      ],
      tools: [{ name: "Read", description: "reads", inputSchema }],
    },
    { ...settings, maxOutputTokens: 100 },
  );
  expect(body).toEqual({
    model: "m",
    messages: [
      { role: "system", content: "be brief" },
      { role: "user", content: "read a" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "Read", arguments: '{"path":"a"}' } }],
      },
      { role: "tool", tool_call_id: "c1", content: "content" },
      { role: "assistant", content: "done" },
    ],
    tools: [{ type: "function", function: { name: "Read", description: "reads", parameters: inputSchema } }],
    max_tokens: 100,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("an empty system prompt, no tools and no limit leave no field behind", () => {
  const body = toRequest({ system: "", messages: [], tools: [] }, settings);
  expect(Object.keys(body)).toEqual(["model", "messages", "stream", "stream_options"]);
});

test.each([
  ["", "{}"],
  ["  ", "{}"],
  ['{"a":1}', '{"a":1}'],
  ['{"a', '{"unparsable_arguments":"{\\"a"}'],
  ["[1]", '{"unparsable_arguments":"[1]"}'],
])("past arguments %j go back as %j, which every server can parse", (written, sent) => {
  const toolCalls = [{ callId: "c", name: "F", argumentsJson: written }];
  const body = toRequest({ system: "", messages: [{ role: "assistant", text: "", toolCalls }], tools: [] }, settings);
  expect(body.messages).toMatchObject([{ tool_calls: [{ function: { arguments: sent } }] }]);
});
