import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { openScriptedServer } from "@koda/providers/testing";
import { expect, test } from "vitest";
import { runKoda } from "./run-koda.ts";

const CANARY = "canary-5e1f";
const FILES = {
  "home/.ssh/id_ed25519": `PRIVATE KEY ${CANARY}`,
  "home/.bashrc": "mine",
  "home/.local/share/koda/settings": "mine",
  "project/.koda/settings.json": "mine",
};

test("through the built program in auto mode, a command gets none of the seven things that agents' commands should not get", async () => {
  await using stack = new AsyncDisposableStack();
  // Not below /tmp, which commands do not see: a home there would be safe for another reason.
  const dir = realpathSync(mkdtempSync(join(homedir(), ".koda-seven-")));
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  const [home, project] = [join(dir, "home"), join(dir, "project")];
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  execFileSync("git", ["init", "--quiet", project]);
  const hooks = readdirSync(join(project, ".git/hooks"));

  const victim = spawn("sleep", ["60"], { stdio: "ignore" });
  stack.defer(() => void victim.kill("SIGKILL"));
  let connections = 0;
  const listener = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  stack.defer(() => void listener.close());
  const udp = createSocket("udp4", () => {
    connections += 1;
  }).bind(0, "127.0.0.1");
  await once(udp, "listening");
  stack.defer(() => void udp.close());
  const tcpPort = (listener.address() as AddressInfo).port; // TCP: not a pipe name

  const script = [
    `echo started; echo x > ${home}/planted; echo x >> ${home}/.bashrc; echo x > ~/planted`,
    `cat ${home}/.ssh/id_ed25519 ~/.ssh/* /proc/self/root${home}/.ssh/id_ed25519; ls ${home}/.ssh`,
    `echo 'touch ${dir}/hooked' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; git config core.hooksPath /tmp; mv .git g`,
    `echo x > .koda/settings.json; echo x > .koda/new; echo '{}' > .mcp.json; echo x > ${home}/.local/share/koda/settings; ls ${home}/.local/share/koda`,
    `(exec 3<>/dev/tcp/127.0.0.1/${tcpPort}); (exec 3<>/dev/tcp/1.1.1.1/443); echo x > /dev/udp/127.0.0.1/${udp.address().port}; curl -sS --max-time 3 http://127.0.0.1:${tcpPort} https://example.com`,
    "echo secret:$AWS_SECRET_ACCESS_KEY; env; cat /proc/self/environ /proc/1/environ",
    `kill -9 ${victim.pid}; kill -9 ${process.pid}; [ "$(cat /proc/1/comm)" = bwrap ] && kill -9 -1; true`,
  ];
  // What a command says it does is judged before it runs; what a project's own test does is not known until then.
  writeFileSync(join(project, "attack.sh"), script.join("\n"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ scripts: { test: "bash attack.sh" } }));
  await using server = await openScriptedServer([
    { toolCalls: [{ name: "Bash", arguments: { command: "npm test" } }] },
    { text: "Nothing worked." },
  ]);
  const run = await runKoda(
    { home, project, [Symbol.asyncDispose]: async () => undefined },
    ["--base-url", server.baseUrl, "--model", "scripted", "-p", "try", "--mode", "auto", "--output-format", "json"],
    { AWS_SECRET_ACCESS_KEY: CANARY },
  );

  const report = JSON.parse(run.stdout);
  expect(report).toMatchObject({ response: "Nothing worked.", mode: "auto", enforcement: "kernel" });
  expect(report.toolCalls.map((call: { outcome: string }) => call.outcome)).not.toContain("blocked"); // it was the kernel that refused
  const told = JSON.stringify(server.requests().at(-1)?.body);
  for (const step of ["started", "secret:", "403"]) expect(told).toContain(step); // all of it ran
  const seen = {
    homeWritten: existsSync(join(home, "planted")) || readFileSync(join(home, ".bashrc"), "utf8") !== "mine",
    keyRead: told.includes(`PRIVATE KEY ${CANARY}`),
    hookPlanted: readdirSync(join(project, ".git/hooks")).join() !== hooks.join() || !existsSync(join(project, ".git")),
    configurationWritten:
      readFileSync(join(project, ".koda/settings.json"), "utf8") !== "mine" ||
      readFileSync(join(home, ".local/share/koda/settings"), "utf8") !== "mine" ||
      existsSync(join(project, ".mcp.json")) ||
      existsSync(join(project, ".koda/new")),
    connected: connections > 0 || report.connections.some((each: { verdict: string }) => each.verdict !== "refused"),
    secretRead: told.includes(CANARY),
    signalled: victim.exitCode !== null || victim.signalCode !== null,
  };
  expect(Object.entries(seen).filter(([, happened]) => happened)).toEqual([]);
});
