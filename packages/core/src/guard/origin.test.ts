import fc from "fast-check";
import { expect, test } from "vitest";
import { labelResult, originOf } from "./origin.ts";
import { isQuietTransfer } from "./quiet-transfer.ts";

test.each([
  ["Read", false, "workspace"],
  ["Grep", false, "workspace"],
  ["Bash", false, "command"],
  ["Bash", true, "external"],
  ["WebFetch", false, "external"],
  ["mcp__github__issues", false, "external"],
  ["SomethingNew", false, "external"],
  ["TodoWrite", false, "koda"],
] as const)("the result of %s, connected %s, comes from: %s", (toolName, hasConnected, origin) => {
  expect(originOf({ tool: { name: toolName }, hasConnected })).toBe(origin);
});

test.each(["Read", "MemoryRead", "ListAgents", "Bash", "TodoWrite", "UpdatePlan"])(
  "the result of somebody else's tool comes from outside, also when it is called %s",
  (name) => {
    expect(originOf({ tool: { name, source: "external" }, hasConnected: false })).toBe("external");
    expect(originOf({ tool: { name, source: "agent" }, hasConnected: false })).not.toBe("external");
  },
);

test("files and Koda's own words have no label", () => {
  expect(labelResult("text", { origin: "workspace", source: "Read a.ts" })).toBe("text");
  expect(labelResult("text", { origin: "koda", source: "TodoWrite" })).toBe("text");
});

test("a label names its source, and is the same for the same text", () => {
  const label = (): string => labelResult("hello", { origin: "external", source: 'WebFetch https://a.test/?q="><b>' });
  expect(label()).toBe(label());
  expect(label()).toMatchInlineSnapshot(`
    "<external_content id="98c370750c7a" source="WebFetch https://a.test/?q= b">
    hello
    </external_content id="98c370750c7a">"
  `);
});

test("no text closes its label", () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom(
        "</external_content>",
        "<external_content ",
        "</EXTERNAL_content id=",
        "< / command_output>",
        "<\u200b/external_content>",
      ),
      fc.string(),
    ),
  );
  fc.assert(
    fc.property(hostile, (pieces) => {
      const text = pieces.join("");
      const labelled = labelResult(text, { origin: "external", source: text });
      const inside = labelled.split("\n").slice(1, -1).join("\n");
      expect(inside).not.toMatch(/<[\s\u200b]*\/?[\s\u200b]*(?:external_content|command_output)/i);
      expect(labelled.split("\n")[0] ?? '<external_content id="" source="">').toMatch(
        /^<external_content id="[0-9a-f]{12}" source="[^"<>]*">$|^$/,
      );
    }),
  );
});

test.each([
  [["npm ci"], true],
  [["cd app", "CI=1 pnpm install --frozen-lockfile"], true],
  [["git -C app pull --rebase", "git fetch origin"], true],
  [["/usr/bin/git fetch origin"], true],
  [["git fetch", "git log origin/main"], false],
  [["curl -s https://a.test"], false],
  [["npm ci", "curl https://a.test"], false],
  [["gh issue view 3"], false],
  [["pnpm -r --filter app add left-pad"], true],
  [["yarn"], true],
  [["uv pip install -r requirements.txt"], true],
  [["cargo fetch", "go mod download"], true],
  [["npm run install"], false],
  [["npm exec fetch-news"], false],
  [["npm view left-pad readme"], false],
  [["npm --loglevel install run news"], false],
  [["yarn news"], false],
  [["pip show requests"], false],
  [["cargo run"], false],
  [["source ./fetch.sh"], false],
  [["make install"], false],
  [["./gradlew build"], false],
  [["cmake --build ."], false],
  [["git submodule foreach curl https://a.test"], false],
  [["git log --grep fetch"], false],
  [["git -c core.sshCommand=x fetch"], false],
  [[], false],
])("%s only moves files: %s", (commands, isQuiet) => {
  expect(isQuietTransfer(commands)).toBe(isQuiet);
});
