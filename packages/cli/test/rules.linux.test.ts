import { existsSync } from "node:fs";
import { join } from "node:path";
import { openScriptedServer } from "@koda/providers/testing";
import { describe, expect, test } from "vitest";
import { createPlace, runKoda } from "./run-koda.ts";
import { args, bash, toolResults } from "./scripted-steps.ts";

describe("koda rules", () => {
  test("an allow rule runs what Safe mode would ask about, where nobody can answer; a deny rule wins over it", async () => {
    await using place = await createPlace();
    const rule = (verdict: string, text: string) => runKoda(place, ["rules", "add", verdict, text]);
    expect(await rule("allow", "Bash(touch:*)")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: `allow Bash(touch:*), in ${place.project}\n`,
    });
    await rule("deny", "Bash(touch forbidden)");
    await using server = await openScriptedServer([
      bash("touch fine"),
      bash("touch forbidden"),
      bash("mkdir other"),
      { text: "Done." },
    ]);
    await runKoda(place, args(server.baseUrl, "-p", "go", "--mode", "safe"));
    const exists = (name: string): boolean => existsSync(join(place.project, name));
    expect([exists("fine"), exists("forbidden"), exists("other")]).toEqual([true, false, false]);
    expect(toolResults(server.requests())[1]).toContain("Bash(touch forbidden)");
  });

  test("are listed and removed; those of another project are not", async () => {
    await using place = await createPlace({ "other/.keep": "" });
    await runKoda(place, ["rules", "add", "ask", "Edit(docs/**)"]);
    await runKoda(place, ["rules", "add", "ask", "Edit(docs/**)"]);
    expect((await runKoda(place, ["rules", "list"])).stdout).toBe("ask Edit(docs/**)\n");
    expect(JSON.parse((await runKoda(place, ["rules", "list", "--json"])).stdout)).toEqual([
      { verdict: "ask", text: "Edit(docs/**)" },
    ]);
    const other = { ...place, project: join(place.project, "..", "other") };
    expect((await runKoda(other, ["rules", "list"])).stdout).toBe("");
    expect((await runKoda(other, ["rules", "remove", "Edit(docs/**)"])).code).toBe(1);
    expect((await runKoda(place, ["rules", "remove", "Edit(docs/**)"])).stderr).toBe("Forgot ask Edit(docs/**)\n");
    expect(await runKoda(place, ["rules", "remove", "Edit(docs/**)"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no rule Edit(docs/**)"),
    });
  });

  test.each([
    [["allow", "Bash(npm test"], "at position 13"],
    [["allow", "Bash()"], "at position 5"],
    [["deny", "Read(../x)"], "at position 5"],
    [["never", "Bash"], "allow, ask, deny"],
    [["allow"], "rule"],
  ])("koda rules add %j is exit 2, and says where it is wrong", async (words, message) => {
    await using place = await createPlace();
    const run = await runKoda(place, ["rules", "add", ...words]);
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) });
    expect((await runKoda(place, ["rules", "list"])).stdout).toBe("");
  });
});
