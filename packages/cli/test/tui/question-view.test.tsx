import { renderToString } from "ink";
import { expect, test } from "vitest";
import { QuestionView } from "../../src/tui/components/question-view.tsx";
import type { ApprovalQuestion } from "../../src/tui/view-state.ts";

const ask = (subject: string, changes: Partial<ApprovalQuestion> = {}): string =>
  renderToString(
    <QuestionView
      question={{
        kind: "approval",
        request: {
          type: "approval-request",
          requestId: "q",
          callId: "c",
          name: "Bash",
          subject,
          effect: "destructive",
          reason: "safe asks before every side effect",
          alwaysRule: "Bash(ls:*)",
        },
        preview: [],
        ...changes,
      }}
      waiting={0}
    />,
    { columns: 60 },
  );

test("shows the call, the reason, the answers and the rule that always would store", () => {
  expect(ask("ls -l")).toMatchInlineSnapshot(`
    "
    ╭──────────────────────────────────────────────────────────╮
    │ Allow Bash? destructive                                  │
    │ │ ls -l                                                  │
    │ safe asks before every side effect                       │
    │ [y] yes   [n] no   [a] always in this project:           │
    │ Bash(ls:*)                                               │
    ╰──────────────────────────────────────────────────────────╯"
  `);
});

test.each([
  ["an escape sequence", "ls\u001b[2K\u001b[1Grm -rf /", "\\u{1b}[2K"],
  ["a bidirectional override", "ls \u202e/ fr- mr", "\\u{202e}"],
  ["a carriage return", "rm -rf /\rls", "\\r"],
  ["padding", `ls${" ".repeat(400)}; rm -rf /`, "rm -rf /"],
  ["line ends", `ls${"\n".repeat(3)}rm -rf /`, "rm -rf /"],
])("%s hides nothing", (_, subject, shown) => {
  expect(ask(subject)).toContain(shown);
});

test("a line of the command cannot pass for the question's own text", () => {
  const fake = "[y] yes   [n] no";
  expect(ask(`ls\n${fake}`)).toContain(`│ │ ${fake}`);
  const wrapped = ask(`${"x".repeat(54)} ${fake}`)
    .split("\n")
    .filter((row) => row.includes(fake));
  expect(wrapped).toEqual([expect.stringMatching(/^│ │ +\[y\]/), expect.stringMatching(/^│ \[y\]/)]);
});

test("a long one is shortened in the live region, and says so", () => {
  const text = ask(`echo ${"x".repeat(5_000)}`);
  expect(text.split("\n").length).toBeLessThan(16);
  expect(text).toContain("the whole text is printed above");
});

test("an edit shows what goes and what comes", () => {
  const text = ask("a.ts", { preview: ["- one", "+ two"] });
  expect(text).toContain("│ - one");
  expect(text).toContain("│ + two");
});
