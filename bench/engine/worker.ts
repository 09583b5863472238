/**
 * Measures one peer at one kind of work: its one argument is the `Task`, it sends a `Report` over IPC. Everything that
 * is prepared or warmed up before is not counted.
 */
import type { Task } from "./job.ts";
import { measureAppend } from "./works/append.ts";
import { measureIdle } from "./works/idle.ts";
import { measureResume } from "./works/resume.ts";
import { measureStream } from "./works/stream.ts";
import { measureTurns } from "./works/turns.ts";

process.on("disconnect", () => process.exit(1));
const task = JSON.parse(process.argv[2] ?? "") as Task; // written by measure.ts
const report = await measure(task);
process.send?.(report);

async function measure({ work, ...rest }: Task) {
  switch (work.kind) {
    case "turns":
      return await measureTurns({ work, ...rest }, work);
    case "append":
      return measureAppend({ work, ...rest }, work);
    case "resume":
      return await measureResume({ work, ...rest }, work);
    case "idle":
      return await measureIdle({ work, ...rest }, work);
    case "stream":
      return await measureStream({ work, ...rest }, work);
    default:
      return work satisfies never;
  }
}
