import { expect, test } from "vitest";
import { CoreError } from "../errors.ts";
import { parseSecretRule } from "./secret-rule.ts";

test.each([
  ["no regular expression", "([a-z"],
  ["nothing", ""],
  ["matches everywhere", "x*"],
  ["a group repeated without end that repeats itself", "(a+)+$"],
  ["a choice repeated without end", "(?:a|ab)*x"],
  ["two repetitions without end", "key.*=.*;"],
  ["many counted repetitions", "a{0,99}a{0,99}a{0,99}b"],
  ["a repetition without end before what must follow", "[a-z]*x"],
  ["a repetition without end behind too little fixed text", "a[a-z]*x"],
  ["a repetition without end behind fixed text that repeats itself", "aaaaaaaaaaaaaaaa.{0,200};"],
  ["a group that matches a text in many ways", "(?:aa?){1,6}b"],
  ["a look ahead without end", "x(?=a*b)"],
  ["a look behind without end", "(?<=a*)b"],
  ["a long counted repetition before what must follow", "a{0,99}b"],
  ["a run that is one of several", "[a-z]{0,40}b|[a-z]{0,40}c"],
  ["a lazy repetition without end", "a.*?b"],
  ["a reference back", "(['\"]).{4}\\1"],
  ["too long", "a".repeat(600)],
])("a bad pattern is refused when it is read: %s", (_, pattern) => {
  const parse = (): unknown => parseSecretRule({ name: "rule", pattern, level: "secret" });
  expect(parse).toThrow(CoreError);
  expect(parse).toThrow(expect.objectContaining({ code: "bad_secret_rule" }));
});

test.each([
  "EMP-\\d{4,12}",
  "customer-[A-Z0-9]+",
  "(?:internal|secret)-[a-z]{4,16}(?:-\\d+)?",
  "[(+*]{3}\\)\\+",
  "\\bfoo\\{2\\}bar",
  "[0-9a-f]{64}",
  "\\b[0-9a-f]{64}\\b",
  "\\b\\w{20,80};",
  "key=.{0,64};",
  "\\w+",
  "x\\x41(?<part>[^;]+)",
  "^acct_(?:live|test)_[A-Za-z0-9]+",
  "password\\s{0,4}[:=]\\s{0,4}(?<secret>\\S{8,64})",
])("an ordinary pattern is taken: %s", (pattern) => {
  expect(parseSecretRule({ name: "rule", pattern, level: "sensitive" }).expression.source).toBe(pattern);
});

test.each([
  ["", "secret"],
  ["a\nb", "secret"],
  ["[x]", "secret"],
  ["fine", "public"],
])("a rule named %j of level %s is refused", (name, level) => {
  // As a configuration could hold it.
  const config = { name, pattern: "abc", level: level as "secret" };
  expect(() => parseSecretRule(config)).toThrow(expect.objectContaining({ code: "bad_secret_rule" }));
});
