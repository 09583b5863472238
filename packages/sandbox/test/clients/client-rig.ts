import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createFilter } from "../../src/filter/filter.ts";
import { openSandbox } from "../../src/open-sandbox.ts";
import { createPolicy } from "../../src/policy/policy.ts";
import type { ConnectionEvent } from "../../src/proxy/proxy-handle.ts";
import type { ConfinedResult, Sandbox } from "../../src/sandbox.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { CALLS, type CheckOutcome, type ClientCheck, HOSTS, type Site } from "./client-check.ts";
import { Origin } from "./origin.ts";
import { clientDirectories, clientSearchPath, missingPrograms } from "./programs.ts";

/** A sandbox, confined by the kernel unless said otherwise, and a site that it may reach as `allowed.test` and not as `denied.test`. */
export class ClientRig implements AsyncDisposable {
  readonly origin: Origin;
  readonly sandbox: Sandbox;
  readonly #project: string;
  readonly #resources: AsyncDisposableStack;
  #runs = 0;

  /** `extraPorts` may be reached too: those of servers that a check starts itself. */
  static async open(
    extraPorts: readonly number[] = [],
    enforcement: Sandbox["enforcement"] = "kernel",
  ): Promise<ClientRig> {
    await using stack = new AsyncDisposableStack();
    const origin = stack.use(await Origin.open(Object.values(HOSTS)));
    const place = stack.use(temporaryDirectory("koda-clients-"));
    const project = join(place.path, "project");
    mkdirSync(project);
    const caBundlePath = join(project, "authority.pem");
    writeFileSync(caBundlePath, origin.authority);
    const ports = [origin.tlsPort, origin.plainPort, ...extraPorts];
    const sandbox = stack.use(
      await openSandbox({
        policy: createPolicy({ projectRoot: project, home: homedir(), readOnlyPaths: clientDirectories() }),
        filter: createFilter({ allowPrivate: ports.map((port) => `${HOSTS.allowed}:${port}`) }),
        resolveHost: async () => ["127.0.0.1"],
        searchPath: enforcement === "kernel" ? (process.env["PATH"] ?? "") : "",
        environment: { ...process.env, PATH: clientSearchPath() },
        caBundlePath,
      }),
    );
    if (sandbox.enforcement !== enforcement) throw new Error(`not confined as asked: ${sandbox.enforcementReason}`);
    return new ClientRig(origin, sandbox, project, stack.move());
  }

  private constructor(origin: Origin, sandbox: Sandbox, project: string, resources: AsyncDisposableStack) {
    this.origin = origin;
    this.sandbox = sandbox;
    this.#project = project;
    this.#resources = resources;
  }

  async run(check: ClientCheck): Promise<CheckOutcome> {
    const missing = missingPrograms(check);
    if (missing.length > 0) {
      const advice = `"npm test" at the root of the repository installs what the tests need, or says what to type`;
      throw new Error(`${check.name}: not installed: ${missing.join(", ")}; ${advice}`);
    }
    check.prepare?.(this.origin);
    const events: ConnectionEvent[] = [];
    const unsubscribe = this.sandbox.subscribe((event) => events.push(event));
    const allowed = await this.#send(check, "allowed");
    const denied = await this.#send(check, "denied");
    unsubscribe();
    return { allowed, denied, events };
  }

  #send(check: ClientCheck, to: "allowed" | "denied"): Promise<ConfinedResult> {
    this.#runs += 1;
    const cwd = join(this.#project, `run-${this.#runs}`);
    mkdirSync(cwd);
    const { tlsPort, plainPort } = this.origin;
    const host = HOSTS[to];
    const site: Site = { host, tls: `https://${host}:${tlsPort}`, plain: `http://${host}:${plainPort}` };
    const argv = ["bash", "--noprofile", "--norc", "-euc", check.script(site)] as const;
    return this.sandbox.run({ argv, cwd, clientId: CALLS[to], isReadOnly: false, timeoutMs: 60_000 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
