import { expect, test } from "vitest";
import { examineUpstream } from "./examine-upstream.ts";

test.each([
  [{}, { tunnel: null, forward: null, problem: null }],
  [
    { HTTPS_PROXY: "http://employee:s3cret@proxy.test:3128" },
    { tunnel: "http://proxy.test:3128", forward: null, problem: null },
  ],
  [
    { all_proxy: "socks5h://employee:s3cret@[2001:db8::1]", http_proxy: "https://proxy.test" },
    { tunnel: "socks5://[2001:db8::1]:1080", forward: "https://proxy.test:443", problem: null },
  ],
  [
    { ALL_PROXY: "ftp://employee:s3cret@proxy.test" },
    { tunnel: null, forward: null, problem: expect.stringMatching(/^ALL_PROXY: (?!.*s3cret)/) },
  ],
])("of %j a person is shown the proxies, or the mistake, and never a password", (environment, finding) => {
  expect(examineUpstream(environment)).toEqual(finding);
});
