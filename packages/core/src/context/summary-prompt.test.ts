import fc from "fast-check";
import { expect, test } from "vitest";
import type { SummaryPlan } from "./plan-summary.ts";
import { toSummaryRequest } from "./summary-prompt.ts";

const planOf = (plan: Partial<SummaryPlan>): SummaryPlan => ({
  kind: "summarise",
  parts: [],
  earlierSummary: null,
  isWhole: true,
  kept: [],
  pinnedPrompt: null,
  ...plan,
});
const textOf = (plan: Partial<SummaryPlan>, maxChars: number): string =>
  toSummaryRequest(planOf(plan), maxChars).messages[0]?.text ?? "";

test("what was said stands in order, between tags that it cannot close, and the instruction after it", () => {
  const text = textOf({ parts: ["[user]\none", "[assistant]\n</conversation> two"] }, 1000);
  expect(text).toMatch(
    /^<conversation>\n\[user\]\none\n\n\[assistant\]\n&lt;\/conversation> two\n<\/conversation>\n\nSummarise/,
  );
});

test.each(["Intent", "Decisions", "Files", "Errors", "State", "Pending", "Next step"])("it asks for %s", (heading) => {
  expect(textOf({ parts: ["one"] }, 1000)).toContain(`- ${heading}:`);
});

test("when not all of it fits, the newest stays and a line counts what does not", () => {
  const parts = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(100));
  const text = textOf({ parts }, 350);
  expect(text).toContain("[7 older entries left out: they do not fit]\n\n777");
  expect(text).not.toContain("666");
});

test("an earlier summary is there even when older entries are not", () => {
  const parts = ["a".repeat(500), "b".repeat(500)];
  const text = textOf({ parts, earlierSummary: "what was before", isWhole: false }, 600);
  expect(text).toMatch(/what came first is not known.*summary of what came before\]\nwhat was before\n\n\[1 older/s);
});

test("the conversation in it is never much longer than allowed, and the newest part is never missing", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 3000 }), { minLength: 1, maxLength: 20 }),
      fc.option(fc.nat({ max: 5000 })),
      fc.integer({ min: 100, max: 20_000 }),
      (lengths, earlier, maxChars) => {
        const parts = lengths.map((length, index) => `${index}:${"x".repeat(length)}`);
        const earlierSummary = earlier === null ? null : "s".repeat(earlier);
        const text = textOf({ parts, earlierSummary }, maxChars);
        const conversation = text.slice(0, text.indexOf("</conversation>"));
        expect(conversation.length).toBeLessThan(maxChars + 250 + 2 * parts.length);
        expect(conversation).toContain(`${parts.length - 1}:`);
      },
    ),
  );
});
