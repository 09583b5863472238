import { expect, test } from "vitest";
import { toLlmFailure } from "./llm-failure.ts";

class AdapterError extends Error {
  readonly code = "rate_limited";
  readonly retryAfterMs = 5;
}

test("an adapter's error is read by its shape", () => {
  expect(toLlmFailure(new AdapterError("slow down"))).toEqual({
    code: "rate_limited",
    message: "slow down",
    retryAfterMs: 5,
  });
});

test.each([
  [new Error("boom"), "boom"],
  [Object.assign(new Error("refused"), { code: "ECONNREFUSED" }), "refused"],
  ["text", "text"],
  [null, "null"],
  [undefined, "undefined"],
])("anything else is a bad response: %s", (error, message) => {
  expect(toLlmFailure(error)).toEqual({ code: "bad_response", message });
});
