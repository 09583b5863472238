// Makes docs/events.md anew from the schemas of @koda/core: node scripts/write-event-reference.mjs
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { engineCommandSchema } from "../packages/core/src/events/engine-command-schema.ts";
import { engineEventVersion } from "../packages/core/src/events/engine-event.ts";
import { engineEventSchema } from "../packages/core/src/events/engine-event-schema.ts";
import { eventPlaces } from "../packages/core/src/events/turn-grammar.ts";

// A package of core's own: the workspace root does not have it.
const { z } = createRequire(new URL("../packages/core/package.json", import.meta.url))("zod");

export const referencePath = fileURLToPath(new URL("../docs/events.md", import.meta.url));

const places = {
  outside: ["Where: not in a turn."],
  turn: [],
  "between-steps": ["Where: in a turn, not in a step."],
  step: ["Where: in a step."],
  call: ["Where: in a call."],
  anywhere: ["Where: anywhere."],
};

/** The whole page. */
export function toEventReference() {
  const events = toMembers(engineEventSchema);
  const commands = toMembers(engineCommandSchema);
  return `<!-- Made by scripts/write-event-reference.mjs from the schemas in packages/core/src/events. Do not edit. -->

# Events and commands of a session

What a session says (events) and what it can be told (commands). Every one is a JSON object with a \`type\`. The same
stream feeds the terminal, \`koda -p --output-format stream-json\`, programs that embed \`@koda/core\`, and those that look on
from another process. \`engineEventSchema\` and \`engineCommandSchema\` of \`@koda/core\` check them.

Version ${engineEventVersion}: \`session-start\` carries it. It grows when a tag or a field changes its meaning. New tags and new
fields do not count, so leave out what you do not know.

## The order of events

\`\`\`
turn = turn-start { step | loop-cap-reached } turn-end
step = step-start { text | call } step-end
text = text-delta | thinking-delta | text-retract | retry
call = tool-call-start
       { tool-output | approval-request … approval-end | external-task … external-task-end }
       tool-call-end
\`\`\`

- A turn has exactly one \`turn-end\`, which is its last event, whatever happened.
- Steps count from 1; a turn that an earlier process left unfinished (\`isContinued\`) goes on counting.
- Calls of one step may overlap. What has begun in a step has ended when the step ends.
- \`text-retract\` takes back what the step has said so far: the attempt that said it failed.
- Every other event may come anywhere, also between turns.

\`findGrammarFault\` of \`@koda/core\` checks the events of a turn against this.

## Readers that are slow

A reader never slows a session. Each has a queue of its own, of 1,024 events if it does not ask for another number. When
it is full, pieces of one text that follow each other (\`text-delta\`, \`thinking-delta\`, \`tool-output\` of one call) are joined,
up to 1,048,576 UTF-16 code units in one event and 16 times as many in the queue. When that is not enough the oldest
events are dropped, and \`gap\` stands in their place. The last event of a turn is never dropped before it is read, unless a
later turn has filled the queue.

Those who look on from another process (\`attachSession\`) get the settled state and then every event, written every
100 ms; the last 2,048 events or 120 s are kept for them. Who comes back later than that gets a \`gap\` and a new state.

## Events

${events.map((member) => toSection(member, ...places[eventPlaces[toTag(member)]])).join("\n\n")}

## Commands

Each is harmless when it comes too late.

${commands.map((member) => toSection(member)).join("\n\n")}
`;
}

function toMembers(schema) {
  return z.toJSONSchema(schema, { unrepresentable: "any", reused: "inline" }).oneOf;
}

const toTag = (member) => member.properties.type.const;

function toSection(member, ...notes) {
  const { type: _type, ...fields } = member.properties;
  const required = new Set(member.required);
  const rows = Object.entries(fields).map(
    ([name, field]) =>
      `| \`${name}\`${required.has(name) ? "" : "?"} | ${toCell(toType(field))} | ${field.description ?? ""} |`,
  );
  const table = rows.length === 0 ? [] : [["| field | type | meaning |", "|---|---|---|", ...rows].join("\n")];
  return [`### \`${toTag(member)}\``, [member.description, ...notes].join(" "), ...table].join("\n\n");
}

/** A JSON Schema as a type, in the words of TypeScript. */
function toType(schema) {
  const options = schema.oneOf ?? schema.anyOf;
  if (options !== undefined) return options.map(toType).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  if (schema.type === "array") return `${toType(schema.items)}[]`;
  if (schema.type === "object") {
    const fields = Object.entries(schema.properties).map(([name, field]) => `${name}: ${toType(field)}`);
    return `{ ${fields.join(", ")} }`;
  }
  return schema.type ?? "any JSON";
}

const toCell = (type) => (type === "any JSON" ? type : `\`${type.replaceAll("|", "\\|")}\``);

if (import.meta.main) writeFileSync(referencePath, toEventReference());
