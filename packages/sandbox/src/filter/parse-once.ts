import { createFilter, type Filter, type FilterRules } from "./filter.ts";

/**
 * Rules that are parsed when they are first asked for, and never again: every call gives the same filter, or throws
 * the same error. Nothing is parsed before, so that who never asks pays nothing.
 */
export function parseOnce(rules: FilterRules): () => Filter {
  let outcome: { readonly filter: Filter } | { readonly error: unknown } | null = null;
  return () => {
    outcome ??= tryParse(rules);
    if ("error" in outcome) throw outcome.error;
    return outcome.filter;
  };
}

function tryParse(rules: FilterRules): { readonly filter: Filter } | { readonly error: unknown } {
  try {
    return { filter: createFilter(rules) };
  } catch (error) {
    return { error };
  }
}
