import type { EngineEvent } from "./engine-event.ts";

/** Where the engine puts what it has to say. Never throws, never waits. */
export type EngineSink = (event: EngineEvent) => void;
