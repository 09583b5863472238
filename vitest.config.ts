import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const packages = ["core", "sandbox", "providers", "mcp", "cli"];
/** No module of theirs keeps state, so a worker serves one test file after the other: a third of the time. */
const withoutState: ReadonlySet<string> = new Set(["core", "providers", "mcp"]);

export default defineConfig({
  test: {
    // They wait for processes and sockets more than they compute.
    maxWorkers: Math.max(4, availableParallelism()),
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
    projects: [
      { test: { name: "scripts", root: "scripts", include: ["**/*.test.mjs"] } },
      // Starts the bench as a user does, on the built package.
      { test: { name: "bench", root: "bench", include: ["test/**/*.test.ts"], testTimeout: 60_000 } },
      ...packages.map((name) => ({
        // Tests read the sources unbuilt; those of the built program start packages/cli/bin/koda.js themselves.
        resolve: { conditions: ["@koda/source"] },
        ssr: { resolve: { conditions: ["@koda/source"], externalConditions: ["@koda/source"] } },
        test: {
          name,
          isolate: !withoutState.has(name),
          root: `packages/${name}`,
          globalSetup: name === "sandbox" ? ["../../scripts/own-data-for-tests.mjs"] : [],
          include: ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      })),
    ],
  },
});
