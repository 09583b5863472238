import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createFilter } from "../filter/filter.ts";
import { openSandbox } from "../open-sandbox.ts";
import { escapeWildcards } from "../policy/path-glob.ts";
import { createPolicy, type PolicyInput } from "../policy/policy.ts";
import type { Sandbox } from "../sandbox.ts";
import type { DoctorPlace, DoctorSite } from "./doctor-check.ts";
import { DOCTOR_LIMITS } from "./doctor-limits.ts";

/** Sandboxes to try rules in, and what those find around them. Disposing removes all of it. */
export interface OpenedSite extends AsyncDisposable {
  readonly sandboxes: Readonly<Record<Exclude<DoctorPlace, "plan">, Sandbox>>;
  /** Null when a sandbox is not confined by the kernel, or the ports could not be opened. */
  readonly site: DoctorSite | null;
}

/** Files of the doctor's own home; `SECRET` stands for the secret. */
const HOME_FILES: Readonly<Record<string, string>> = {
  ".ssh/id": "SECRET",
  ".netrc": "SECRET",
  ".local/share/koda/koda.db": "SECRET",
  ".bashrc": "mine",
};

/** Makes a throw-away project, home and listeners, and opens three sandboxes around them at once. */
export async function openSite(environment: Readonly<Record<string, string | undefined>>): Promise<OpenedSite> {
  await using stack = new AsyncDisposableStack();
  const makeDirectory = async (): Promise<string> => {
    const path = await mkdtemp("/tmp/koda-doctor-");
    stack.defer(() => rm(path, { recursive: true, force: true }));
    return path;
  };
  const [place, hostTmp] = [await makeDirectory(), await makeDirectory()];
  const [project, scratchHome, data] = [join(place, "project"), join(place, "home"), join(place, "data")];
  const [secret, marker] = [randomUUID(), `koda-doctor-${randomUUID()}`];
  await promisify(execFile)("git", ["init", "--quiet", project]);
  await writeFiles(project, {
    ".envrc": "mine",
    ".git/modules/sub/HEAD": "",
    ".git/modules/sub/config": "",
    ".git/modules/sub/hooks/x": "",
  });
  await rm(join(project, ".git/info/attributes"), { force: true });
  await writeFiles(
    scratchHome,
    Object.fromEntries(Object.entries(HOME_FILES).map(([name, text]) => [name, text.replace("SECRET", secret)])),
  );
  await writeFile(join(hostTmp, "file"), "");
  const listen = async (
    where: string | { readonly host: string; readonly port: number },
    says = "",
  ): Promise<Server> => {
    const server = createServer((socket) => socket.on("error", () => null).end(says)); // who hangs up first does not matter
    server.listen(where);
    await once(server, "listening");
    stack.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    return server;
  };
  const loopback = { host: "127.0.0.1", port: 0 };
  const projectSocket = join(project, "host.sock");
  const [host, granted] = [await listen(loopback), await listen(loopback, "granted\n")];
  for (const path of [join(hostTmp, "socket"), projectSocket, `\0${marker}`]) await listen(path);
  const open = (input: Pick<PolicyInput, "projectRoot" | "home" | "limits">): Promise<Sandbox> =>
    openSandbox({
      policy: createPolicy({ privateDirs: [escapeWildcards(data)], ...input }),
      filter: createFilter({}),
      searchPath: environment["PATH"] ?? "",
      environment: { ...environment, KODA_DOCTOR_TOKEN: secret, AWS_SECRET_ACCESS_KEY: secret },
    });
  const home = homedir();
  const opening = await Promise.allSettled([
    open({ projectRoot: project, home }),
    openSandbox({
      policy: createPolicy({
        projectRoot: scratchHome,
        home: scratchHome,
        privateDirs: [escapeWildcards(join(scratchHome, ".local/share/koda"))],
      }),
      filter: createFilter({}),
      searchPath: environment["PATH"] ?? "",
      environment,
    }),
    open({ projectRoot: project, home, limits: DOCTOR_LIMITS }),
  ]);
  for (const each of opening) if (each.status === "fulfilled") stack.use(each.value);
  const [forProject, forHome, forLimits] = opening.map((each) => {
    if (each.status === "rejected") throw each.reason;
    return each.value;
  }) as [Sandbox, Sandbox, Sandbox]; // as many as were opened
  const sandboxes = { project: forProject, home: forHome, limits: forLimits };
  const isConfined = Object.values(sandboxes).every((sandbox) => sandbox.enforcement === "kernel");
  const insidePort = 41_000;
  let site: DoctorSite | null = null;
  if (isConfined) {
    const grantedPort = portOf(granted);
    stack.use(await forProject.openHostPort(grantedPort));
    const published = stack.use(await forProject.publishPort(0, { sandboxPort: insidePort }));
    site = {
      ...{ project, home, scratchHome, marker, secret, hostTmp, projectSocket, insidePort, grantedPort },
      hostPort: portOf(host),
      publishedPort: published.hostPort,
      proxyPort: forProject.proxy?.port ?? null,
      hasPerl: ["/usr/bin/perl", "/bin/perl", "/usr/local/bin/perl"].some((path) => existsSync(path)),
    };
  }
  const owned = stack.move();
  return { sandboxes, site, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // TCP: not a pipe name
}
