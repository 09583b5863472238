import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineEvent } from "@koda/core";
import { openReplayServer } from "@koda/providers";
import { createSession } from "../compose/create-session.ts";
import { openStore } from "../compose/open-store.ts";
import { openProvider } from "../compose/provider.ts";
import { loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { stopOnInterrupt } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { escapeText } from "../render/escape-text.ts";
import { createPaint } from "../render/paint.ts";
import { toProgressLine } from "../render/text.ts";
import { createDemoProject } from "./demo-project.ts";
import { openReleaseServer, releaseHost } from "./release-server.ts";
import { demoSummary } from "./summary.ts";

const cassette = fileURLToPath(new URL("../../demo/fix-a-failing-test.cassette.jsonl", import.meta.url));
const prompt = "The tests fail. Find out why and fix it, then announce the release.";

/**
 * `koda demo`: a recorded model in a project made for the occasion; session, trust, tools, confinement and proxies are
 * the real ones. Everything it makes lies in one temporary folder that is gone afterwards.
 */
export async function runDemo(io: Io): Promise<ExitCode> {
  using stop = stopOnInterrupt(io); // from the first: what the demo makes must go again
  try {
    return await play(io, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return exitCode.cancelled;
    throw error;
  }
}

async function play(io: Io, signal: AbortSignal): Promise<ExitCode> {
  const paint = createPaint(io.stdout, io.environment);
  const print = (line: string): boolean => io.stdout.write(`${line}\n`);

  await using releases = await openReleaseServer();
  await using project = await createDemoProject({ announceUrl: releases.url });
  signal.throwIfAborted();
  await using model = await openReplayServer({ cassette, delayMs: 12 });
  const environment = { ...io.environment, KODA_HOME: join(project.dir, "koda-home"), OPENAI_API_KEY: "recorded" };
  const config = loadConfig({
    flags: {
      baseUrl: model.baseUrl,
      model: "recording",
      projectRoot: project.root,
      allowPrivate: [releases.authority],
    },
    environment,
    cwd: project.root,
  });
  using store = openStore(config);
  const provider = await openProvider(config.provider, { record: null });

  print(
    paint.bold("koda demo") +
      paint.dim("  The model is a recording, played over loopback HTTP; everything else is real."),
  );
  const openedAt = performance.now();
  await using opened = await createSession({
    config,
    store,
    provider,
    approvals: "ask",
    resume: null,
    upstream: null, // the one host that it reaches is on this machine
    resolveHost: async (host) => (host === releaseHost ? ["127.0.0.1"] : []),
  });
  const openMs = performance.now() - openedAt;
  const { session, sandbox } = opened;
  print(paint.dim(`project ${project.root}   mode ${session.mode}   enforcement ${sandbox.enforcement}`));
  for (const { message } of opened.warnings) print(paint.yellow(escapeText(message)));
  if (session.mode !== "auto")
    print(paint.yellow("Nothing confines commands here; the demo answers Koda's questions itself."));

  const runTests = async (when: string): Promise<number | null> => {
    const result = await sandbox.run({
      argv: ["node", "--test"],
      cwd: project.root,
      clientId: `tests-${when}`,
      isReadOnly: true,
      timeoutMs: 30_000,
      signal,
    });
    return result.exitCode;
  };
  signal.throwIfAborted();
  const before = await runTests("before");
  signal.throwIfAborted();

  print(`\n${paint.bold("›")} ${prompt}\n`);
  const events: EngineEvent[] = [];
  let isMidLine = false;
  const endLine = (): void => {
    if (isMidLine) print("");
    isMidLine = false;
  };
  session.subscribe((event) => {
    events.push(event);
    const line = toProgressLine(event, paint);
    if (line !== null) {
      endLine();
      print(line);
    }
    // Without a confining kernel the mode is Safe, which asks; what the recording asks for is known to be harmless.
    if (event.type === "approval-request") session.send({ type: "approve", requestId: event.requestId, scope: "once" });
    if (event.type === "text-delta") {
      io.stdout.write(escapeText(event.text));
      isMidLine = true;
    }
    if (event.type === "step-end") {
      endLine();
      print("");
    }
  });
  for await (const event of session.runTurn(prompt, { signal })) void event;
  signal.throwIfAborted();

  const after = await runTests("after");
  signal.throwIfAborted();
  await opened.closeSandbox();
  const isCheckout = io.environment["npm_lifecycle_event"] === "start";
  const summary = demoSummary({ events, before, after, openMs, isCheckout, paint });
  print(summary.text);
  return summary.isComplete ? exitCode.done : exitCode.error;
}
