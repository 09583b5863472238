import { z } from "zod";

const toldEvent = z.object({
  type: z.string(),
  turnId: z.string().optional(),
  callId: z.string().nullish(),
  code: z.string().optional(),
  message: z.string().optional(),
});

/** What the driver reads of an event that `--output-format stream-json` printed. */
export type ToldEvent = z.infer<typeof toldEvent>;

/** Every whole line; the last one may have been cut by the kill. */
export function parseToldEvents(stdout: string): readonly ToldEvent[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => toldEvent.parse(JSON.parse(line)));
}
