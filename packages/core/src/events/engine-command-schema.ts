import { z } from "zod";
import type { EngineCommand } from "./engine-command.ts";
import { trustModeSchema } from "./event-part-schemas.ts";
import type { SameShape } from "./same-shape.ts";

const requestId = z.string().describe("The `requestId` of the event that asked.");

const command = z.discriminatedUnion("type", [
  z
    .object({
      type: z.literal("approve"),
      requestId,
      scope: z.enum(["once", "always"]).describe("`always`: the `alwaysRule` of the request is remembered."),
    })
    .describe("Lets a call run that an `approval-request` is about."),
  z
    .object({
      type: z.literal("reject"),
      requestId,
      feedback: z.string().optional().describe("For the model. Without it, it reads that the user said no."),
    })
    .describe("Keeps a call from running that an `approval-request` is about."),
  z
    .object({
      type: z.literal("grant-steps"),
      requestId,
      steps: z.literal([0, 50, 200]).describe("How many more; zero ends the turn."),
    })
    .describe("Answers `loop-cap-reached`."),
  z
    .object({
      type: z.literal("steer"),
      text: z.string().describe("What is said."),
      inputId: z.string().optional().describe("The sender's own name for it; the same one again does nothing."),
      boundary: z
        .enum(["this-turn", "next-turn"])
        .optional()
        .describe(
          "`this-turn`, the default: before the next step; a turn that ends first leaves it for the next prompt.",
        ),
    })
    .describe("Says something to a running session."),
  z
    .object({ type: z.literal("withdraw"), inputId: z.string().describe("Of the `steer` that is taken back.") })
    .describe("Takes back what was said and is not accepted yet."),
  z
    .object({
      type: z.literal("complete-task"),
      taskId: z.string().describe("Of the `external-task`."),
      text: z.string().describe("The result, for the model."),
      isError: z.boolean().describe("True when the task failed; the text is what went wrong."),
    })
    .describe("Ends an `external-task`."),
  z.object({ type: z.literal("pause") }).describe("Holds new prompts; a running turn ends after its step."),
  z.object({ type: z.literal("resume") }).describe("Ends a pause."),
  z
    .object({ type: z.literal("set-mode"), mode: trustModeSchema.describe("How much may happen without asking.") })
    .describe("Changes the trust mode; `auto` only where the kernel confines commands."),
  z.object({ type: z.literal("cancel") }).describe("Ends the running turn as cancelled."),
]);

true satisfies SameShape<z.output<typeof command>, EngineCommand>;

/** Reads what a client sent. Unknown fields are left out; an unknown tag, or a field that does not fit, is refused. */
export const engineCommandSchema: z.ZodType<EngineCommand> = command;
