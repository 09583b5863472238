/** What a call would do to the world, from harmless to irreversible. */
export type ToolEffect = "read-only" | "local-mutation" | "remote-action" | "destructive";
