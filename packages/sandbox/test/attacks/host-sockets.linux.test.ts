import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../temporary-directory.ts";
import { type AttackSite, openAttackSite } from "./attack-site.ts";

/** A program of this machine whose Unix socket is there when this returns, and that counts who comes. */
function listenAt(path: string): AsyncDisposable & { count(): number } {
  mkdirSync(dirname(path), { recursive: true });
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.on("error", () => null).end("hello from outside\n"); // who leaves at once was counted all the same
  });
  server.listen(path);
  return {
    count: () => count,
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** Connects to a Unix socket from inside, and gives back what came, or the error's code. */
async function connectInside(site: AttackSite, path: string): Promise<string> {
  const program = `require("net").connect(process.argv[1]).on("error", (e) => console.log(e.code)).pipe(process.stdout)`;
  const argv = ["node", "-e", program, path] as const;
  const { output } = await site.sandbox.run({ argv, clientId: "attack", isReadOnly: false, timeoutMs: 20_000 });
  return output;
}

const REFUSED = /^(?:EACCES|ECONNREFUSED)\n$/; // what is seen is a file that is no socket
const NAMES = ["project/agent.sock", "project/a/b/agent.sock", "elsewhere/agent.sock", "elsewhere/a b\nc.sock"];

test.each(NAMES)("nobody comes from inside to a socket of the host at %j [LN-03]", async (name) => {
  await using stack = new AsyncDisposableStack();
  let early: ReturnType<typeof listenAt> | undefined;
  const site = stack.use(
    await openAttackSite({
      prepare: ({ place }) => {
        early = stack.use(listenAt(join(place, name)));
      },
    }),
  );
  const late = stack.use(listenAt(join(site.place, `${name}-of-later`)));
  for (const path of [join(site.place, name), join(site.place, `${name}-of-later`)]) {
    expect(await connectInside(site, path)).toMatch(REFUSED);
    expect(await connectInside(site, `/proc/self/root${path}`)).toMatch(REFUSED);
  }
  await site.sh("mv a moved; mv agent.sock moved.sock; ln agent.sock linked.sock");
  for (const path of ["moved/b/agent.sock", "moved.sock", "linked.sock"]) {
    expect(await connectInside(site, join(site.project, path))).not.toContain("hello");
  }
  expect([early?.count(), late.count()]).toEqual([0, 0]);
});

test("a socket that is closed and opened again while the session lives stays out of reach [LN-03]", async () => {
  await using site = await openAttackSite();
  const path = join(site.project, "agent.sock");
  for (let round = 0; round < 3; round++) {
    await using server = listenAt(path);
    expect(await connectInside(site, path)).toMatch(REFUSED);
    expect(server.count()).toBe(0);
  }
});

test("a socket named by a link into what commands do not see keeps no command from starting", async () => {
  using hidden = temporaryDirectory();
  await using stack = new AsyncDisposableStack();
  const site = stack.use(
    await openAttackSite({
      prepare: ({ place }) => {
        symlinkSync(hidden.path, join(place, "run")); // as /var/run is one
        stack.use(listenAt(join(place, "run/daemon.sock")));
      },
    }),
  );
  expect(await connectInside(site, join(site.place, "run/daemon.sock"))).toBe("ENOENT\n");
});

test("a socket named by a link from what commands do not see is out of reach [LN-03]", async () => {
  using hidden = temporaryDirectory();
  await using stack = new AsyncDisposableStack();
  const site = stack.use(
    await openAttackSite({
      prepare: ({ place }) => {
        mkdirSync(join(place, "elsewhere"));
        symlinkSync(join(place, "elsewhere"), join(hidden.path, "link"));
        stack.use(listenAt(join(hidden.path, "link/daemon.sock")));
      },
    }),
  );
  expect(await connectInside(site, join(site.place, "elsewhere/daemon.sock"))).toMatch(REFUSED);
});

test("a socket of the host in /dev/shm is in nobody's sandbox [LN-03]", async () => {
  const path = `/dev/shm/koda-attack-${process.pid}.sock`;
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(path, { force: true }));
  stack.use(listenAt(path));
  const site = stack.use(await openAttackSite());
  expect(await connectInside(site, path)).toBe("ENOENT\n");
});

test("commands of one session reach each other's sockets in the project", async () => {
  await using site = await openAttackSite();
  const path = join(site.project, "own.sock");
  const program = `require("net").createServer((s) => s.end("inside\\n")).listen("own.sock", () => console.log("up"))`;
  const server = site.sandbox.spawn({ argv: ["node", "-e", program], clientId: "server", isReadOnly: false });
  await new Promise((resolve) => server.stdout?.once("data", resolve));
  expect(await connectInside(site, path)).toBe("inside\n");
  await server.kill();
});

test("a socket behind a directory that is closed to commands keeps no command from starting", async () => {
  await using stack = new AsyncDisposableStack();
  let server: ReturnType<typeof listenAt> | undefined;
  const site = stack.use(
    await openAttackSite({
      prepare: ({ place }) => {
        const closed = join(place, "closed");
        server = stack.use(listenAt(join(closed, "private.sock")));
        // Root is let in everywhere here, but inside only where root, without capabilities, is.
        if (process.getuid?.() === 0) chownSync(closed, 54_321, 54_321);
        chmodSync(closed, process.getuid?.() === 0 ? 0o700 : 0);
      },
    }),
  );
  expect(await connectInside(site, join(site.place, "closed/private.sock"))).toBe("EACCES\n");
  expect(server?.count()).toBe(0);
});
