import type { LaneName } from "../events/engine-event.ts";
import { checkCap, laneNames } from "./lane-limits.ts";

/** A bound on what all sessions of a process run at once, shared by their queues. */
export interface HostCap {
  /** True when a slot was free and is the caller's now. Otherwise `wake` is called once when it is worth asking again. */
  take(lane: LaneName, wake: () => void): boolean;
  /** Gives a slot back, to those who were refused before others. */
  release(lane: LaneName): void;
  /** `wake` is not called any more. */
  forget(wake: () => void): void;
}

/**
 * A cap for each lane named; the others have none. Those who wait get their slots in turn.
 *
 * @throws {CoreError} `bad_option` for a cap that is no whole number above zero.
 */
export function createHostCap(caps: Partial<Readonly<Record<LaneName, number>>>): HostCap {
  const lanes = new Map<LaneName, LaneSlots>();
  for (const lane of laneNames) {
    const cap = caps[lane];
    if (cap === undefined) continue;
    checkCap(`the cap of this process for the lane ${lane}`, cap);
    lanes.set(lane, { cap, active: 0, waiting: new Set() });
  }
  return {
    take(lane, wake) {
      const slots = lanes.get(lane);
      if (slots === undefined) return true;
      if (slots.active >= slots.cap) {
        slots.waiting.add(wake);
        return false;
      }
      slots.active += 1;
      return true;
    },
    release(lane) {
      const slots = lanes.get(lane);
      if (slots === undefined) return;
      slots.active -= 1;
      for (const wake of slots.waiting) {
        if (slots.active >= slots.cap) return;
        slots.waiting.delete(wake);
        wake();
      }
    },
    forget(wake) {
      for (const { waiting } of lanes.values()) waiting.delete(wake);
    },
  };
}

interface LaneSlots {
  readonly cap: number;
  active: number;
  /** In the order they were refused. */
  readonly waiting: Set<() => void>;
}
