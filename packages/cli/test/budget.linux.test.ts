import { createServer, type Server } from "node:http";
import { openScriptedServer, type ScriptedServer } from "@koda/providers/testing";
import { describe, expect, test } from "vitest";
import { createPlace, runKoda } from "./run-koda.ts";
import { args, bash } from "./scripted-steps.ts";

/** Prices hold at a vendor's own address: requests to it are led to the scripted server, as a company's proxy would. */
async function leadTo(server: ScriptedServer): Promise<{ environment: Record<string, string> } & AsyncDisposable> {
  const gateway: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://api.openai.com");
    response.writeHead(307, { location: `${server.baseUrl}${pathname.replace(/^\/v1/, "")}` }).end();
  });
  gateway.on("connect", (_request, socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    gateway.emit("connection", socket);
  });
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  const { port } = gateway.address() as { port: number };
  return {
    environment: {
      NODE_USE_ENV_PROXY: "1",
      HTTP_PROXY: `http://127.0.0.1:${port}`,
      NO_PROXY: "127.0.0.1",
      OPENAI_API_KEY: "sk-none",
      OPENAI_BASE_URL: "http://api.openai.com/v1",
      KODA_MODEL: "gpt-5",
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => gateway.close(() => resolve())),
  };
}

const dear = { inputTokens: 100_000, outputTokens: 10_000 }; // 0.225 dollars

describe("budgets", () => {
  test("--max-cost ends a turn with exit 4 that says what it cost, and koda cost sums it up", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer(() => ({ ...bash(`echo ${Math.random()}`), usage: dear }));
    await using vendor = await leadTo(server);
    const run = await runKoda(place, ["-p", "go", "--max-cost", "0.30", "--output-format", "json"], vendor.environment);
    expect(run.stderr).toBe("koda: stopped: the turn cost $0.45 of the $0.30 it may cost\n");
    expect(run.code).toBe(4);
    expect(JSON.parse(run.stdout)).toMatchObject({ steps: 2, costMicros: 450_000, error: { code: "max-cost" } });
    const cost = await runKoda(place, ["cost"]);
    expect(cost.stdout).toMatch(/^gpt-5 +\$0\.45 +2 requests +200000 in \(0 from cache\) +20000 out\n$/);
    const later = await runKoda(place, ["cost", "--since", "2999-01-01"]);
    expect(later).toMatchObject({ code: 0, stdout: "" });
  });

  test("a price that is not known is said before anything is asked, once, and never guessed", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([
      { ...bash("echo x"), usage: dear },
      { text: "Done.", usage: dear },
    ]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "go", "--max-cost", "0.01"));
    expect(run).toMatchObject({ code: 0, stdout: "Done.\n" });
    expect(run.stderr.match(/price/g)).toHaveLength(1);
    expect(run.stderr).toMatch(/^koda: the price of scripted is not known/);
    expect((await runKoda(place, ["cost"])).stdout).toMatch(/^scripted +unknown +2 requests/);
    const { groups, totals } = JSON.parse((await runKoda(place, ["cost", "--by", "day", "--json"])).stdout);
    expect(groups).toMatchObject([{ key: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), costMicros: null }]);
    expect(totals).toMatchObject({ inputTokens: 200_000, costMicros: null, unpricedRequests: 2 });
  });

  test("--timeout ends a turn in the middle of a command, with exit 4", async () => {
    await using place = await createPlace();
    await using server = await openScriptedServer([bash("sleep 600")]);
    const run = await runKoda(place, args(server.baseUrl, "-p", "go", "--timeout", "1.5", "--output-format", "json"));
    expect(run).toMatchObject({ code: 4, stderr: "koda: stopped after 1.5 s\n" });
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: "timeout" }, toolCalls: [{ outcome: "cancelled" }] });
  });

  test.each([
    ["--max-cost", "0"],
    ["--max-cost", "much"],
    ["--timeout", "-1"],
  ])("%s %s is exit 2", async (flag, value) => {
    await using place = await createPlace();
    const run = await runKoda(place, ["-p", "go", flag, value]);
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("above zero") });
  });
});
