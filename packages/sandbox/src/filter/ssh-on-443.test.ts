import { expect, test } from "vitest";
import { devAllowlistFilter } from "./dev-allowlist.ts";
import { SSH_ON_443_HOSTS } from "./ssh-on-443.ts";
import { parseHost } from "./target.ts";

// SECURITY: a copy, so that passing something other than TLS on port 443 takes two deliberate edits.
test("SSH passes on port 443 to these hosts and no others, and the default list allows them", () => {
  expect(SSH_ON_443_HOSTS).toEqual(["ssh.github.com", "altssh.gitlab.com", "altssh.bitbucket.org"]);
  expect(Object.isFrozen(SSH_ON_443_HOSTS)).toBe(true);
  for (const host of SSH_ON_443_HOSTS) {
    expect(devAllowlistFilter().decide(parseHost(host, 443)).kind).toBe("allow");
    expect(devAllowlistFilter().decide(parseHost(host, 22)).kind).toBe("deny");
  }
});
