import { type AddressClass, classifyAddress, type OwnAddresses } from "../filter/address.ts";
import type { Filter, FilterVerdict } from "../filter/filter.ts";
import type { Target } from "../filter/target.ts";
import { type Refusal, toRemedy } from "./explain.ts";

/** The addresses of one name that may be dialled, and why the first of the others may not. */
export interface CheckedAddresses {
  readonly dialable: readonly string[];
  /** Null when nothing was dropped. */
  readonly refusal: Refusal | null;
}

/**
 * Drops every address that the verdict does not cover: non-public ones and this machine's own without a private rule,
 * metadata services without a private rule that spells the host out, and addresses that a deny rule names. Pure, but
 * for `ownAddresses`: those of this machine's interfaces, asked for when an address needs it.
 */
export function checkAddresses(
  addresses: readonly string[],
  rules: {
    readonly target: Target;
    readonly verdict: FilterVerdict & { readonly kind: "allow" };
    readonly filter: Filter;
  },
  ownAddresses: () => OwnAddresses,
): CheckedAddresses {
  const { target, verdict, filter } = rules;
  const dialable: string[] = [];
  let refusal: Refusal | null = null;
  for (const address of addresses) {
    const addressClass = classifyAddress(address, ownAddresses());
    const denial = filter.denialOf({ host: address, port: target.port });
    if (denial !== null) {
      const reason = `${target.host} resolves to an address that the rule ${denial} denies`;
      refusal ??= { reason, remedy: null };
    } else if (!isCovered(addressClass, verdict)) {
      const reason = `${target.host} leads to a ${addressClass} address, which only a private rule may open`;
      refusal ??= { reason, remedy: toRemedy(target, { isPrivate: true }) };
    } else {
      dialable.push(address);
    }
  }
  return { dialable, refusal };
}

function isCovered(addressClass: AddressClass, verdict: FilterVerdict & { readonly kind: "allow" }): boolean {
  if (addressClass === "public") return true;
  if (addressClass === "metadata") return verdict.isPrivateAllowed && !/[*/]/.test(verdict.rule.replace(/:\*$/, ""));
  return verdict.isPrivateAllowed;
}
