import { resolve } from "node:path/posix";
import type { ToolEffect } from "../../tools/tool-effect.ts";
import { isGraver, type NamedPath } from "./command.ts";

/** One act found in a script. */
export interface Finding {
  readonly text: string;
  readonly effect: ToolEffect;
  readonly reason: string;
}

/** No script is followed further than this; what is beyond is not understood. */
const maxFindings = 2_000;

/** What is found while a script is walked through. */
export class ScriptReport {
  readonly #findings: Finding[] = [];
  readonly #paths = new Map<string, NamedPath>();

  add(finding: Finding): void {
    if (this.#findings.length < maxFindings) this.#findings.push(finding);
  }

  /** Records where each path leads from every directory the shell may be in. What is no file of the machine is left out. */
  addPaths(paths: readonly NamedPath[], directories: readonly string[]): void {
    for (const { path, access } of paths) {
      for (const directory of directories) {
        const absolute = resolve(directory, path);
        if (!isOfTheProcess(absolute)) this.#paths.set(`${access} ${absolute}`, { path: absolute, access });
      }
    }
  }

  findings(): readonly Finding[] {
    return this.#findings;
  }

  paths(): readonly NamedPath[] {
    return [...this.#paths.values()];
  }

  /** The gravest finding, the first of equals; null when nothing was found. */
  gravest(): Finding | null {
    return this.#findings.reduce<Finding | null>(
      (worst, finding) => (worst === null || isGraver(finding.effect, worst.effect) ? finding : worst),
      null,
    );
  }
}

export function isHarmlessDevice(path: string): boolean {
  return /^\/dev\/(?:null|zero|full|u?random|stdin|stdout|stderr|fd\/\d+)$/.test(path);
}

/** A confined command has devices and processes of its own, and bash opens /dev/tcp by itself: the kernel judges those. */
function isOfTheProcess(path: string): boolean {
  return isHarmlessDevice(path) || /^\/(?:proc|dev\/(?:tcp|udp|shm|pts))\/|^\/dev\/tty$/.test(path);
}
