import { z } from "zod";
import type { SameShape } from "./same-shape.ts";

/**
 * A place between two live events: what was told until here is in the journal up to `leafId` and in a draft of these
 * lengths (UTF-16 code units; zero when there is none), what is told after it is not. It is no event and has no number.
 */
export interface LiveMark {
  readonly mark: "settled";
  readonly leafId: string | null;
  readonly draftText: number;
  readonly draftThinking: number;
}

const mark = z.object({
  mark: z.literal("settled"),
  leafId: z.string().nullable(),
  draftText: z.int(),
  draftThinking: z.int(),
});

true satisfies SameShape<z.output<typeof mark>, LiveMark>;

export const liveMarkSchema: z.ZodType<LiveMark> = mark;
