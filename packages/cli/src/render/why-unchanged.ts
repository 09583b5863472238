import type { ShrinkResult } from "@koda/core";

type Why = Extract<ShrinkResult, { readonly kind: "unchanged" }>["why"];

/** Why a conversation was not made shorter, in words. */
export const whyUnchanged: Readonly<Record<Why, string>> = {
  "few-messages": "the conversation is short",
  "not-full": "there is room enough",
  "summaries-fail": "summaries have failed too often",
  "pending-calls": "calls wait for their results",
  "too-little": "hardly anything would be saved",
};
