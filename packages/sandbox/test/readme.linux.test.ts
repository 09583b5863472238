import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { SECRET_HOME_PATHS } from "../src/policy/always-denied.ts";
import { defaultProxyLimits } from "../src/proxy/limits.ts";
import { replies } from "../src/proxy/reply.ts";
import { ALLOWED_VARIABLES } from "../src/sandbox-env.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const example = fileURLToPath(new URL("./programs/readme-example.ts", import.meta.url));

test("the README's example is the program that runs here, and does what the text says", () => {
  expect(readme).toContain(readFileSync(example, "utf8"));
  using project = temporaryDirectory();
  const output = execFileSync(process.execPath, ["--conditions=@koda/source", example], {
    cwd: project.path,
    encoding: "utf8",
  });
  expect(output).toMatch(/^kernel - /);
  expect(output).toContain("unlisted.example:443 was refused");
  expect(readFileSync(join(project.path, "note.txt"), "utf8")).toBe("hi\n");
  expect(existsSync(join(homedir(), "note.txt"))).toBe(false);
});

test("the README's three lines are a proxy that listens, and ends with its program", () => {
  const program = fileURLToPath(new URL("./programs/readme-proxy.ts", import.meta.url));
  expect(readme).toContain(readFileSync(program, "utf8"));
  const output = execFileSync(process.execPath, ["--conditions=@koda/source", program], { encoding: "utf8" });
  expect(output).toMatch(/^export HTTPS_PROXY=http:\/\/127\.0\.0\.1:\d+ HTTP_PROXY=/);
});

test("the README's limits and answers are those of the code", () => {
  for (const [, value] of Object.entries(defaultProxyLimits)) {
    const shown = value >= 100_000 ? `${value / 60_000} min` : value % 1_000 === 0 ? `${value / 1_000} s` : `${value}`;
    expect(readme).toContain(shown.replace(/(?<=^\d)(?=\d{3}$)/, ","));
  }
  for (const { httpStatus, socksReply } of Object.values(replies)) {
    expect(readme).toMatch(new RegExp(`\\| ${httpStatus} \\| ${socksReply} \\|`));
  }
});

test("the README's numbers are those of the lists", () => {
  expect(readme).toContain(`An allowlist of ${ALLOWED_VARIABLES.length} variables`);
  expect(readme).toContain(`\`.netrc\` and ${SECRET_HOME_PATHS.length - 4} more`);
});
