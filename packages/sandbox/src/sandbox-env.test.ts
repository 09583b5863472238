import { expect, test } from "vitest";
import { cacheEnvironment, withGitSettings } from "./sandbox-env.ts";

test("git settings of the caller stay, ours follow", () => {
  const given = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "core.fsmonitor", GIT_CONFIG_VALUE_0: "true", A: "b" };
  expect(withGitSettings(given)).toEqual({
    ...given,
    GIT_CONFIG_COUNT: "3",
    GIT_CONFIG_KEY_1: "core.fsmonitor",
    GIT_CONFIG_VALUE_1: "false",
    GIT_CONFIG_KEY_2: "safe.bareRepository",
    GIT_CONFIG_VALUE_2: "explicit",
  });
});

test.each([{}, { GIT_CONFIG_COUNT: "" }, { GIT_CONFIG_COUNT: "-1" }, { GIT_CONFIG_COUNT: "x" }])(
  "%j counts as no settings",
  (given) => {
    expect(withGitSettings(given)).toMatchObject({ GIT_CONFIG_COUNT: "2", GIT_CONFIG_KEY_0: "core.fsmonitor" });
  },
);

test("npm gets no setting that it does not know", () => {
  expect(Object.keys(cacheEnvironment("/tmp")).filter((name) => name.startsWith("npm_config_"))).toEqual([
    "npm_config_cache",
    "npm_config_logs_max",
    "npm_config_update_notifier",
  ]);
});
