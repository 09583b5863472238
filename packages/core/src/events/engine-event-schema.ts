import { z } from "zod";
import type { EngineEvent } from "./engine-event.ts";
import {
  callOutcomeSchema,
  enforcementSchema,
  failureCodeSchema,
  fileChangeSchema,
  finishReasonSchema,
  jsonSchema,
  laneSchema,
  taskItemSchema,
  toolEffectSchema,
  toolOriginSchema,
  trustModeSchema,
  turnOutcomeSchema,
  turnTimingSchema,
  warningCodeSchema,
} from "./event-part-schemas.ts";
import type { SameShape } from "./same-shape.ts";

// One table of all events, so that their reference can be made from it: longer than other files, but one idea.

const text = (meaning: string) => z.string().describe(meaning);
const count = (meaning: string) => z.int().describe(meaning);
const number = (meaning: string) => z.number().describe(meaning);

const callId = text("The call.");
const requestId = text("Names the question; its answer repeats it.");
const stepId = text("The step of the plan.");
const taskId = text("Names the task; `complete-task` repeats it.");
const step = count("From 1 in its turn.");
const toolName = text("The tool.");
const effect = toolEffectSchema.describe("What the call would do to the world.");
const subject = text("One line for a screen: the command, the path.");

const event = z.discriminatedUnion("type", [
  z
    .object({
      type: z.literal("session-start"),
      sessionId: text("The session."),
      provider: text("The model service."),
      model: text("The model."),
      mode: trustModeSchema.describe("How much may happen without asking."),
      enforcement: enforcementSchema.describe("What confines commands."),
      projectRoot: text("Absolute, links resolved."),
      isResumed: z.boolean().describe("False for a new session."),
      version: count("The version of these events."),
    })
    .describe("Begins the stream of a session, before any turn."),
  z
    .object({
      type: z.literal("turn-start"),
      turnId: text("The turn."),
      turnNumber: count("From 1 in its session."),
      prompt: text("What the turn is about."),
      isContinued: z.boolean().describe("True when a turn that an earlier process left unfinished goes on."),
    })
    .describe("Begins a turn."),
  z
    .object({
      type: z.literal("input-accepted"),
      inputId: text("The sender's own name for it."),
      text: text("What was said."),
    })
    .describe("What was said has become part of the conversation, before the next request to the model."),
  z.object({ type: z.literal("step-start"), step }).describe("Begins a step: one answer of the model and its calls."),
  z
    .object({ type: z.literal("text-delta"), text: text("A piece of the answer; pieces may be joined on the way.") })
    .describe("The model says something."),
  z
    .object({ type: z.literal("thinking-delta"), text: text("A piece of it; pieces may be joined on the way.") })
    .describe("The model thinks aloud."),
  z
    .object({ type: z.literal("text-retract") })
    .describe("The text of this step so far is void: the attempt that wrote it failed and is made again."),
  z
    .object({
      type: z.literal("retry"),
      attempt: count("From 1: how often it has been made again, this time too."),
      waitMs: number("Until then."),
      reason: text("Why the last one failed."),
    })
    .describe("A request to the model failed and is made again."),
  z
    .object({
      type: z.literal("tool-call-start"),
      callId,
      name: toolName,
      input: jsonSchema.describe("Its arguments."),
      subject,
      effect,
    })
    .describe("Begins a call."),
  z
    .object({
      type: z.literal("tool-output"),
      callId,
      text: text("A piece of what it prints; pieces may be joined on the way."),
    })
    .describe("What a running call prints, for watching; the result is in `tool-call-end`."),
  z
    .object({
      type: z.literal("approval-request"),
      requestId,
      callId,
      name: toolName,
      subject,
      effect,
      reason: text("The rule or table row that makes this a question."),
      alwaysRule: z.string().nullable().describe('What "always" would remember; null where no rule may widen this.'),
    })
    .describe("A call waits for `approve` or `reject`."),
  z
    .object({
      type: z.literal("approval-end"),
      requestId,
      outcome: z.enum(["approved", "rejected"]).describe("The answer."),
    })
    .describe("The question is answered, or nobody waits any more."),
  z
    .object({
      type: z.literal("tool-call-end"),
      callId,
      outcome: callOutcomeSchema.describe(
        "`blocked`: a rule or mode forbade it. `rejected`: a person, or nobody, said no.",
      ),
      text: text("What the model reads."),
      changes: z.array(fileChangeSchema).readonly().describe("Files that it wrote, created or deleted."),
      durationMs: number("How long it ran."),
      origin: toolOriginSchema.describe("Where the text comes from."),
      exitCode: z.int().nullish().describe("Of a command that ran; null when a signal ended it."),
    })
    .describe("Ends a call."),
  z
    .object({
      type: z.literal("external-task"),
      taskId,
      callId,
      lane: laneSchema.describe("Its queue."),
      name: toolName,
      input: jsonSchema.describe("Its arguments."),
      deadlineMs: number("Epoch milliseconds."),
    })
    .describe("A call that whoever embeds Koda is to run, and to end with `complete-task`."),
  z
    .object({
      type: z.literal("external-task-end"),
      taskId,
      outcome: z.enum(["completed", "failed", "timed-out", "cancelled"]).describe("How it ended."),
    })
    .describe("Nobody waits for the task any more."),
  z
    .object({
      type: z.literal("dead-letter"),
      callId,
      name: toolName,
      attempts: count("How often it was tried."),
      error: text("Why the last one failed."),
    })
    .describe("A call failed for good, after all its attempts."),
  z
    .object({
      type: z.literal("connection"),
      callId: z.string().nullable().describe("Null when the client showed no credentials of a call."),
      protocol: z.enum(["http-connect", "http", "socks5", "host-port", "publish"]).describe("How it came."),
      host: text("As it was asked for."),
      port: count("As it was asked for."),
      address: z.string().nullable().describe("The one dialled; null when none was."),
      verdict: z.enum(["allowed", "refused", "failed"]).describe("What became of it."),
      rule: z.string().nullable().describe("The pattern that decided; null when none covers the host."),
      reason: text("One plain sentence: why it was refused or failed, or how it ended."),
      bytesUp: number("Sent by the client."),
      bytesDown: number("Sent to the client."),
      durationMs: number("From the request to the end."),
    })
    .describe("A connection of this session was refused, or has ended."),
  z
    .object({
      type: z.literal("usage"),
      label: text("What the request was for: `turn`, `compaction`, `title`, or an embedder's own word."),
      provider: text("The service."),
      model: text("The model."),
      attempt: count("From 1 for each request."),
      finishReason: finishReasonSchema.nullable().describe("Why the answer ended; null when it did not end by itself."),
      failureCode: failureCodeSchema.nullable().describe("Why it failed; null unless it did."),
      durationMs: number("How long it took."),
      costMicros: z.number().nullable().describe("Millionths of a dollar; null where the price is not known."),
      inputTokens: number("Those read from the provider's cache too."),
      outputTokens: number("Thinking too."),
      cacheReadTokens: number("Read from the provider's cache."),
      cacheWriteTokens: z.number().optional().describe("Written to it; absent where the provider does not tell."),
      thinkingTokens: number("Part of the output."),
    })
    .describe(
      "One request to a model has ended, whatever came of it: what it used, zeros where the model did not tell.",
    ),
  z
    .object({
      type: z.literal("context-usage"),
      usedTokens: number("What the next request would hold."),
      maxTokens: number("What the model takes."),
      isEstimated: z.boolean().describe("True until the model has counted it."),
    })
    .describe("How full the model's context is."),
  z
    .object({
      type: z.literal("context-shrunk"),
      step: z.enum(["blanked", "summarised"]).describe("Old results left out, or old messages summed up."),
      beforeTokens: number("Estimated."),
      afterTokens: number("Estimated."),
      beforeMessages: count("Shown to the model until now."),
      afterMessages: count("Shown from now on."),
    })
    .describe("The model is shown less from now on; the record is whole."),
  z
    .object({
      type: z.literal("tasks-updated"),
      sessionId: text("Whose checklist: this session, or one that works for it."),
      tasks: z.array(taskItemSchema).readonly().describe("The whole list."),
    })
    .describe("The checklist has changed."),
  z
    .object({
      type: z.literal("plan"),
      goal: text("What it is for."),
      steps: z
        .array(z.object({ id: z.string(), text: z.string() }))
        .readonly()
        .describe("In their order."),
    })
    .describe("A plan is made."),
  z
    .object({
      type: z.literal("plan-step-start"),
      stepId,
      number: count("From 1."),
      total: count("Steps of the plan."),
    })
    .describe("A step of the plan begins."),
  z
    .object({
      type: z.literal("plan-step-end"),
      stepId,
      outcome: z.enum(["done", "failed", "skipped"]).describe("How it ended."),
      number: count("From 1."),
      total: count("Steps of the plan."),
    })
    .describe("A step of the plan has ended."),
  z
    .object({
      type: z.literal("goal-progress"),
      goal: text("What is to be reached."),
      progress: number("0 to 1."),
      unmet: z.array(z.string()).readonly().describe("What is still missing."),
    })
    .describe("How far the goal is reached."),
  z
    .object({ type: z.literal("goal-achieved"), goal: text("What was to be reached."), durationMs: number("It took.") })
    .describe("The goal is reached."),
  z
    .object({
      type: z.literal("hook"),
      name: text("The hook."),
      event: text("What it was called for."),
      outcome: z.enum(["blocked", "changed", "failed", "timed-out"]).describe("What it did."),
      message: text("One sentence."),
    })
    .describe("A hook did something, or could not."),
  z
    .object({
      type: z.literal("audit"),
      kind: text("What kind of thing happened."),
      severity: z.enum(["info", "warning", "critical"]).describe("How grave it is."),
      action: text("What was done about it: `redacted`, `blocked`, `asked`, `noted`."),
      text: text("One sentence, without any secret."),
    })
    .describe("Something that matters to whoever has to answer for the session."),
  z
    .object({
      type: z.literal("context-providers"),
      items: count("What they gave."),
      tokens: number("Estimated."),
      skipped: z.array(z.string()).readonly().describe("Those that gave nothing in time."),
    })
    .describe("What context providers have added to the prompt."),
  z
    .object({
      type: z.literal("state-changed"),
      state: z.enum(["unknown", "active", "paused", "completed", "error"]).describe("The new one."),
      reason: z.object({ code: z.string(), text: z.string() }).nullable().describe("Why it is in `error`; else null."),
    })
    .describe("The session takes prompts, or does not any more."),
  z
    .object({ type: z.literal("gap"), missed: count("How many.") })
    .describe("This subscriber was too slow, or came back too late: so many events are missing here."),
  z.object({ type: z.literal("step-end"), step }).describe("Ends a step."),
  z
    .object({ type: z.literal("loop-cap-reached"), requestId, steps: count("Done in this turn.") })
    .describe("The turn waits for `grant-steps`."),
  z
    .object({ type: z.literal("mode-changed"), mode: trustModeSchema.describe("The new one.") })
    .describe("How much may happen without asking has changed."),
  z
    .object({ type: z.literal("model-changed"), provider: text("The service."), model: text("The model.") })
    .describe("The next turn uses another model."),
  z
    .object({
      type: z.literal("warning"),
      code: warningCodeSchema.describe("For programs."),
      message: text("For people."),
    })
    .describe("Something does not work as it should; the session goes on."),
  z
    .object({
      type: z.literal("turn-end"),
      turnId: text("The turn."),
      outcome: turnOutcomeSchema.describe("How it ended."),
      timing: turnTimingSchema.describe("Where the time went; `ownMs` is what is left for Koda itself."),
    })
    .describe("Ends a turn, whatever happened: the last event of it."),
]);

true satisfies SameShape<z.output<typeof event>, EngineEvent>;

/**
 * Reads an event that comes from elsewhere: another process, a file. Unknown fields are left out; an unknown tag, or a
 * field that does not fit, is refused. A later version may have tags that this one does not know.
 */
export const engineEventSchema: z.ZodType<EngineEvent> = event;
