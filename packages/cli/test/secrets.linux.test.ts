import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openScriptedServer } from "@koda/providers/testing";
import { expect, test } from "vitest";
import { createPlace, type Place, runKoda } from "./run-koda.ts";
import { args, bash, call, toolResults } from "./scripted-steps.ts";

const fromEnvironment = "kW8vQ2zLp0Xr5Tn7";
const fromProject = "hT4mB9sYc1Gd6Fj3";
const fromHome = "pZ7xN2wKe8Ua5Rv0";
const secrets = [fromEnvironment, fromProject, fromHome];

function expectNoSecret(text: string): void {
  for (const secret of secrets) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString("base64").replace(/=+$/, ""));
  }
}

/** All that Koda keeps: the database, and what stands in its log beside it. */
async function kept(place: Place): Promise<string> {
  const dir = join(place.home, ".local/share/koda");
  const names = (await readdir(dir)).filter((name) => name.startsWith("koda.db"));
  expect(names).toContain("koda.db");
  const contents = await Promise.all(names.map((name) => readFile(join(dir, name), "latin1")));
  return contents.join("\n");
}

test("keys of the environment, of .env and of the home reach no model, no screen, no database and no export", async () => {
  await using place = await createPlace({
    "project/.env": `DB_PASSWORD=${fromProject}\n`,
    "project/copy.txt": `password ${fromProject} token ${fromEnvironment} net ${fromHome}\n`,
    "home/.netrc": `machine example.com login me password ${fromHome}\n`,
  });
  await using server = await openScriptedServer([
    call("Read", { path: "copy.txt" }),
    bash("cat copy.txt; base64 -w0 copy.txt; rev copy.txt >/dev/null; sed 's/ /\\n/g' copy.txt"),
    bash(`for part in ${fromProject.slice(0, 8)} ${fromProject.slice(8)}; do printf %s "$part"; sleep 0.1; done`),
    { text: "I saw them." },
  ]);
  const run = await runKoda(
    place,
    args(server.baseUrl, "-p", `use ${fromEnvironment}`, "--output-format", "stream-json"),
    { SERVICE_TOKEN: fromEnvironment },
  );
  expect(run.code).toBe(0);
  expectNoSecret(JSON.stringify(server.requests()));
  expectNoSecret(run.stdout + run.stderr);
  expect(toolResults(server.requests())[0]).toContain("password");
  expectNoSecret(await kept(place));
  expectNoSecret((await runKoda(place, ["export"])).stdout);
  expectNoSecret(
    (await runKoda(place, ["sessions", "show", JSON.parse(run.stdout.split("\n")[0] ?? "").sessionId])).stdout,
  );

  const audit = await runKoda(place, ["audit"]);
  expect(audit.stdout).toMatch(/redacted {2}secret_redacted: .*SERVICE_TOKEN/);
  expect(audit.stdout).toMatch(/redacted {2}secret_redacted: .*DB_PASSWORD/);
  expectNoSecret(audit.stdout);
  const records = JSON.parse((await runKoda(place, ["audit", "--json"])).stdout);
  expect(records[0]).toMatchObject({ kind: "secret_redacted", severity: "warning", action: "redacted" });
});

test("a session in which nothing was found has an empty audit", async () => {
  await using place = await createPlace();
  await using server = await openScriptedServer([{ text: "Hello." }]);
  await runKoda(place, args(server.baseUrl, "-p", "hi"));
  expect(await runKoda(place, ["audit"])).toMatchObject({ code: 0, stdout: "" });
  expect((await runKoda(place, ["audit", "--json"])).stdout).toBe("[]\n");
});

test("a key that became known after it was said is not in an export, and what it stood in can be imported", async () => {
  await using place = await createPlace();
  await using other = await createPlace();
  await using server = await openScriptedServer([{ text: "Noted." }]);
  await runKoda(place, args(server.baseUrl, "-p", `my word is ${fromEnvironment}`));
  const run = await runKoda(place, ["export", "-o", join(other.project, "s.jsonl")], {
    SERVICE_TOKEN: fromEnvironment,
  });
  expect(run.code).toBe(0);
  const text = await readFile(join(other.project, "s.jsonl"), "utf8");
  expectNoSecret(text);
  expect(text).toContain("my word is");
  expect((await runKoda(other, ["import", "s.jsonl"])).code).toBe(0);
});
