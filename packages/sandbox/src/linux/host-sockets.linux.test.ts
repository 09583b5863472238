import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { hostSocketPaths } from "./host-sockets.ts";

const HEADER = "Num       RefCount Protocol Flags    Type St Inode Path\n";
const entry = (name: string | null): string =>
  `00000000b6a9: 00000002 00000000 00010000 0001 01 ${"20342".padStart(5)}${name === null ? "" : ` ${name}`}\n`;

test("absolute names are given back as they were bound, each once", () => {
  const names = ["/run/a", "/srv/with space", "/srv/ends ", "/srv/a", "/srv/a", "/srv/ünïcødé"];
  const given = hostSocketPaths(HEADER + names.map(entry).join(""));
  expect(given).toEqual(["/run/a", "/srv/with space", "/srv/ends ", "/srv/a", "/srv/ünïcødé"]);
});

test("sockets without a name, abstract ones and relative names are left out", () => {
  const given = hostSocketPaths(HEADER + [null, "@/tmp/.X11-unix/X0", "relative", "/srv/a"].map(entry).join(""));
  expect(given).toEqual(["/srv/a"]);
});

test("a name that holds line breaks is one name", () => {
  const given = hostSocketPaths(HEADER + ["/srv/a\nb", "/srv/c\n\n/d\n", "/srv/e"].map(entry).join(""));
  expect(given).toEqual(["/srv/a\nb", "/srv/c\n\n/d\n", "/srv/e"]);
});

test.each(["", HEADER, "\n", "no such format\n"])("%j names nothing", (text) => {
  expect(hostSocketPaths(text)).toEqual([]);
});

test("whatever the names, each comes back", () => {
  const name = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(name), (tails) => {
      const names = tails.map((tail) => `/${tail}`);
      return hostSocketPaths(HEADER + names.map(entry).join("")).join("\0") === [...new Set(names)].join("\0");
    }),
  );
});

test.each(["plain", "with space", "new\nline", "ünïcødé"])("the kernel prints a socket named %j so", async (name) => {
  using place = temporaryDirectory();
  const path = join(place.path, name);
  const server = createServer().listen(path);
  await once(server, "listening");
  try {
    expect(hostSocketPaths(readFileSync("/proc/net/unix", "utf8"))).toContain(path);
  } finally {
    server.close();
  }
});
