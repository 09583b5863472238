// Makes packages/cli/demo/fix-a-failing-test.cassette.jsonl anew: node scripts/record-demo.mjs (after npm run build).
// The answers below go through the same wire format and the same recorder as any server's.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recordingFetch } from "../packages/providers/dist/index.js";
import { openScriptedServer } from "../packages/providers/dist/testing/scripted-server.js";

const cassette = fileURLToPath(new URL("../packages/cli/demo/fix-a-failing-test.cassette.jsonl", import.meta.url));
const call = (name, input) => ({ name, arguments: input });
const usage = (inputTokens, outputTokens) => ({ inputTokens, outputTokens });

const steps = [
  {
    text: "I'll run the tests and read the code they are about.",
    toolCalls: [call("Bash", { command: "node --test" }), call("Read", { path: "src/slug.js" })],
    usage: usage(2310, 58),
  },
  {
    text: "Each character that is not a letter or digit becomes a dash of its own, so `, ` gives two. A run of them should give one.",
    toolCalls: [
      call("Edit", {
        path: "src/slug.js",
        edits: [{ oldText: '.replace(/[^a-z0-9]/g, "-")', newText: '.replace(/[^a-z0-9]+/g, "-")' }],
      }),
    ],
    usage: usage(3150, 104),
  },
  { toolCalls: [call("Bash", { command: "node --test" })], usage: usage(3320, 21) },
  {
    text: "Green. The README says how a release is announced.",
    toolCalls: [call("Read", { path: "README.md" })],
    usage: usage(3890, 34),
  },
  {
    toolCalls: [
      call("Bash", { command: "node scripts/announce.js https://collector.example.com/usage" }),
      call("Bash", { command: "node scripts/announce.js" }),
    ],
    usage: usage(4080, 66),
  },
  {
    text:
      "Fixed: a run of other characters now becomes one dash, and all three tests pass. The release server has been told. " +
      "The usage collector, collector.example.com, is not on the list of allowed hosts, so it was not; " +
      "if it should be, allow it with `koda allow collector.example.com`.",
    usage: usage(4420, 78),
  },
];

rmSync(cassette, { force: true });
await using server = await openScriptedServer(steps.map((step) => ({ ...step, delayMs: 4 }))); // one chunk an event
const record = recordingFetch(cassette);
for (const _ of steps) {
  const response = await record(`${server.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "recording", stream: true, stream_options: { include_usage: true }, messages: [] }),
  });
  await response.text();
}
// The same bytes on every day and port.
const lines = readFileSync(cassette, "utf8").replace(/"recordedAtMs":\d+/, '"recordedAtMs":0');
writeFileSync(cassette, lines);
