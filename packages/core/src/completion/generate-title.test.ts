import { expect, test } from "vitest";
import type { Complete, CompletionRequest } from "./direct-completion.ts";
import { generateTitle } from "./generate-title.ts";

const { signal } = new AbortController();
const user = (text: string): { readonly role: "user"; readonly text: string } => ({ role: "user", text });
const answering =
  (text: string, asked: CompletionRequest[] = []): Complete =>
  async (request) => {
    asked.push(request);
    return { kind: "finished", text, isTruncated: false };
  };

test("the first four messages are given, 200 characters of each", async () => {
  const asked: CompletionRequest[] = [];
  const messages = [
    user("😀".repeat(300)),
    { role: "assistant", text: "b" } as const,
    user(" "),
    user("d"),
    user("fifth"),
  ];
  await generateTitle({ complete: answering("A title", asked), messages, signal });
  expect(asked).toMatchObject([{ label: "title", prompt: `user: ${"😀".repeat(200)}\n\nassistant: b\n\nuser: d` }]);
});

test.each([
  ["Fix the build", "Fix the build"],
  ['"Fix the build."\n', "Fix the build"],
  ["**Fix** \u001b[31mit", "Fix** [31mit"],
  ["\n# Fix it\nand more", "Fix it"],
  ["...", null],
])("the model's %j is the title %j", async (text, title) => {
  expect(await generateTitle({ complete: answering(text), messages: [user("a")], signal })).toBe(title);
});

test("without a model or messages, and when the model fails or the signal aborts, there is none", async () => {
  const failing: Complete = async () => ({ kind: "failed", failure: { code: "auth", message: "no key" } });
  const aborted: Complete = () => Promise.reject(new DOMException("cancelled", "AbortError"));
  const unused: Complete = () => Promise.reject(new Error("not to be asked"));
  expect(await generateTitle({ complete: null, messages: [user("a")], signal })).toBeNull();
  expect(await generateTitle({ complete: unused, messages: [], signal })).toBeNull();
  expect(await generateTitle({ complete: unused, messages: [user(" \n")], signal })).toBeNull();
  expect(await generateTitle({ complete: aborted, messages: [user("a")], signal })).toBeNull();
  expect(await generateTitle({ complete: failing, messages: [user("a")], signal })).toBeNull();
});
