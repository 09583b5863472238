import type { FilterVerdict } from "../filter/filter.ts";
import type { Target } from "../filter/target.ts";

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
export function toRule(target: Target): string {
  const isWebPort = target.port === 80 || target.port === 443;
  if (isWebPort) return target.host;
  return `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
}

/** What a person reads where a request was refused, and how to allow it. Every part of it is normalised text. */
export function explainRefusal(target: Target, reason: string): string {
  const rule = toRule(target);
  const isPrivate = reason.includes("private rule");
  const flag = isPrivate ? "--allow-private" : "--allow";
  return [
    `Koda refused the connection to ${target.host} port ${target.port}: ${reason}.`,
    `To allow it: koda allow ${rule}${isPrivate ? " --private" : ""}   (or: koda-sandbox with ${flag} ${rule})`,
    "",
  ].join("\n");
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
