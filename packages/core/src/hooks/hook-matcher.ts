import picomatch from "picomatch";
import { displayPath, isInside } from "../files/resolve-path.ts";
import type { HookPayload } from "./hook-payload.ts";

/**
 * When a hook is run: when all that is given holds. What an event cannot satisfy, since it has no tool or no command,
 * does not hold.
 */
export interface HookMatcher {
  /** The name of the tool, exactly. */
  readonly tool?: string | undefined;
  /**
   * A glob for one of the call's paths: relative to the project, or absolute. `*` goes over dots, `**` over directories;
   * the case of letters does not count.
   */
  readonly pathGlob?: string | undefined;
  /** For the whole text of a shell command; with the flag `m`, `^` and `$` stand at each of its lines. */
  readonly commandPattern?: RegExp | undefined;
  readonly sessionId?: string | undefined;
  /** A glob for the name of a skill. */
  readonly skillGlob?: string | undefined;
}

/** Compiles a matcher, once for however many events. */
export function compileMatcher(matcher: HookMatcher): (payload: HookPayload) => boolean {
  const { tool, sessionId, pathGlob, commandPattern, skillGlob } = matcher;
  const conditions: ((payload: HookPayload) => boolean)[] = [];
  if (sessionId !== undefined) conditions.push((payload) => payload.sessionId === sessionId);
  if (tool !== undefined) conditions.push((payload) => "callId" in payload && payload.name === tool);
  if (commandPattern !== undefined) conditions.push(commandCondition(commandPattern));
  if (pathGlob !== undefined) conditions.push(pathCondition(pathGlob));
  if (skillGlob !== undefined) {
    const matches = compileGlob(skillGlob);
    conditions.push((payload) => "skill" in payload && matches(payload.skill));
  }
  return (payload) => conditions.every((holds) => holds(payload));
}

function commandCondition(given: RegExp): (payload: HookPayload) => boolean {
  // With `g` or `y` a pattern remembers where it stopped, and would miss every second time.
  const pattern = new RegExp(given.source, given.flags.replace(/[gy]/g, ""));
  return (payload) => "callId" in payload && payload.command !== null && pattern.test(payload.command);
}

function pathCondition(glob: string): (payload: HookPayload) => boolean {
  const matches = compileGlob(glob.replace(/^(?:\.\/)+/, ""));
  const isAbsolute = glob.startsWith("/");
  return (payload) => {
    if (!("callId" in payload)) return false;
    const { paths, projectRoot } = payload;
    if (isAbsolute) return paths.some((path) => matches(path));
    return paths.some((path) => isInside(projectRoot, path) && matches(displayPath(projectRoot, path)));
  };
}

// With `s`, `**` also goes over names with a line break.
const compileGlob = (glob: string): ((text: string) => boolean) =>
  picomatch(glob, { dot: true, noextglob: true, nocase: true, flags: "is" });
