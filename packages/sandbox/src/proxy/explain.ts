import { classifyAddress } from "../filter/address.ts";
import type { FilterVerdict } from "../filter/filter.ts";
import { isAddress, type Target } from "../filter/target.ts";
import type { Remedy } from "./proxy-handle.ts";

/** Why something is refused, as one plain sentence without its full stop, and what would open it. */
export interface Refusal {
  readonly reason: string;
  /** Null where no rule would. */
  readonly remedy: Remedy | null;
}

/** One plain sentence, without its full stop: why the rules refuse a target. */
export function explainDenial(target: Target, verdict: FilterVerdict & { readonly kind: "deny" }): string {
  switch (verdict.reason) {
    case "not_listed":
      return `no rule allows ${target.host}`;
    case "denied_by_rule":
      return `the rule ${verdict.rule} denies ${target.host}`;
    case "port_not_listed":
      return `the rule ${verdict.rule} does not cover port ${target.port}`;
    default:
      return verdict.reason satisfies never;
  }
}

/** The rule that would allow exactly this target: the host, with its port where the default ones do not cover it. */
export function toRemedy(target: Target, options: { readonly isPrivate: boolean }): Remedy {
  const isWebPort = target.port === 80 || target.port === 443;
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return { rule: isWebPort ? target.host : `${host}:${target.port}`, isPrivate: options.isPrivate };
}

/** Null where a rule denies the target: that rule wins over every further one. */
export function remedyForDenial(target: Target, verdict: FilterVerdict & { readonly kind: "deny" }): Remedy | null {
  return verdict.reason === "denied_by_rule" ? null : toRemedy(target, { isPrivate: isNonPublicAddress(target) });
}

/** Whether a target is spelt as an address that only a private rule opens. A name may still lead to one. */
export function isNonPublicAddress({ host }: Target): boolean {
  return isAddress(host) && classifyAddress(host) !== "public";
}

/** The command that adds the rule. */
export function toAllowCommand({ rule, isPrivate }: Remedy): string {
  return `koda allow ${rule}${isPrivate ? " --private" : ""}`;
}

/** What a person reads where a request was refused, and how to allow it. Every part of it is normalised text. */
export function explainRefusal(target: Target, { reason, remedy }: Refusal): string {
  const refused = `Koda refused the connection to ${target.host} port ${target.port}: ${reason}.\n`;
  if (remedy === null) return refused;
  const flag = remedy.isPrivate ? "--allow-private" : "--allow";
  return `${refused}To allow it: ${toAllowCommand(remedy)}   (or: koda-sandbox with ${flag} ${remedy.rule})\n`;
}

/** The host that an unusable request seems to name, for its record: no user information, no path, printable. */
export function toAskedHost(url: string): string {
  const authority = url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").split(/[/?#\\]/)[0] ?? "";
  return toPrintable(authority.slice(authority.lastIndexOf("@") + 1));
}

/** Text from the wire as printable ASCII, at most 253 characters: what is no character of a host shows as `?`. */
export function toPrintable(text: string): string {
  return text.slice(0, 253).replace(/[^!-~]/g, "?");
}
