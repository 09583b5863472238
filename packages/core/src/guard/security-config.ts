import type { DangerousCommand } from "./dangerous-commands.ts";
import type { SecretPattern } from "./secret-pattern.ts";
import type { SecretRuleConfig } from "./secret-rule.ts";

/** What a guard does and knows. Its four parts are on unless they are switched off. */
export interface SecurityConfig {
  /** Secrets are blanked in what is stored, shown and sent. */
  readonly redaction?: boolean | undefined;
  /** Calls that would send a known secret out are blocked. */
  readonly taint?: boolean | undefined;
  /** Slips are refused before anyone is asked; a list takes the place of the one that comes with it. */
  readonly dangerousCommands?: boolean | readonly DangerousCommand[] | undefined;
  /** Text from outside is labelled, and raises what later calls of the turn need. */
  readonly outsideText?: boolean | undefined;
  /** Variables to learn secrets from. None are read when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The texts of key files to learn from, as `loadKeyFiles` gives them. */
  readonly keyFiles?: readonly string[] | undefined;
  /** The user's own rules. */
  readonly rules?: readonly SecretRuleConfig[] | undefined;
  /** In place of the shapes that come with it. */
  readonly patterns?: readonly SecretPattern[] | undefined;
}
