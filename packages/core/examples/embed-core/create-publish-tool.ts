import type { Tool } from "@koda/core";
import { z } from "zod";

const publishInput = z.object({ text: z.string().min(1) });

/** A tool of one's own: puts a note on a board. It acts on the world outside of the project, and says so before it does. */
export function createPublishTool(board: string[]): Tool<z.infer<typeof publishInput>> {
  return {
    name: "Publish",
    description: "Puts a note on the team's board",
    inputSchema: publishInput,
    assess: ({ text }) => ({ effect: "remote-action", paths: [], commands: [], subject: text }),
    async execute({ text }) {
      board.push(text);
      return { text: `published as note ${board.length}`, isError: false };
    },
  };
}
