import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createFilter } from "../src/filter/filter.ts";
import { openSandbox } from "../src/open-sandbox.ts";
import { createPolicy } from "../src/policy/policy.ts";
import { eventually } from "./proxy/rig.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

test.each([5, 20, 35, 50])(
  "an opening that is aborted after %i ms leaves no process, while its owner lives on",
  async (delayMs) => {
    using place = temporaryDirectory();
    const marker = `koda-aborted-${process.pid}-${delayMs}`;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new Error("enough")), delayMs);
    const opening = openSandbox({
      policy: createPolicy({ projectRoot: place.path, home: place.path }),
      filter: createFilter({}),
      searchPath: process.env["PATH"] ?? "",
      environment: { PATH: process.env["PATH"], TZ: marker }, // of the variables that are passed on
      signal: stop.signal,
    });
    await opening.then(
      (sandbox) => sandbox[Symbol.asyncDispose](),
      (error: unknown) => expect(error).toEqual(new Error("enough")),
    );
    clearTimeout(timer);
    await eventually(() => readdirSync("/proc").every((pid) => !isMarked(pid, marker)));
  },
);

function isMarked(pid: string, marker: string): boolean {
  try {
    return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`TZ=${marker}`);
  } catch {
    return false; // ended meanwhile, or another user's
  }
}
