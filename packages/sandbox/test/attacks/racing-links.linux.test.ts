import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAttackSite } from "./attack-site.ts";

const ROUNDS = 24;
const AT_ONCE = 4;

/** Turns each name from nothing into a link, a closed directory with a file, and nothing again, until it is killed. */
const SWAPPER = `
  $| = 1; print "swapping\\n";
  my ($outside, @names) = @ARGV;
  while (1) {
    for my $name (@names) {
      symlink $outside, $name; unlink $name;
      mkdir $name; open my $file, ">", "$name/tasks.json"; close $file; chmod 0555, $name;
      chmod 0755, $name; unlink "$name/tasks.json"; rmdir $name;
      symlink "$outside/tasks.json", $name; unlink $name;
    }
  }`;

test("links swapped in the background while commands start and are tidied up after lead no write, move or change of mode outside [LN-14]", async () => {
  await using site = await openAttackSite({
    files: { "outside/tasks.json": "mine", "outside/closed/settings.json": "mine", "project/README": "x" },
    policy: (place) => ({ writePaths: [join(place, "project/out")] }),
    prepare: ({ place }) => chmodSync(join(place, "outside/closed"), 0o500),
  });
  const outside = join(site.place, "outside");
  const before = snapshot(outside);
  const argv = ["perl", "-e", SWAPPER, outside, ".vscode", ".envrc", ".koda", "out"] as const;
  const swapper = site.sandbox.spawn({ argv, clientId: "swapper", isReadOnly: false });
  await once(swapper.stdout ?? process.stdin, "data");
  let started = 0;
  const outcomes = new Set<string>();
  const race = async (): Promise<void> => {
    while (started < ROUNDS) {
      started += 1;
      const script = `for name in .vscode .envrc .koda out; do
        echo planted > $name/tasks.json; echo planted > $name; mkdir -p $name/closed; echo planted > $name/closed/settings.json; chmod 0777 $name; mv README $name/README
      done; mv .vscode/README out/README README .; true`;
      try {
        outcomes.add((await site.sh(script)).violations.length > 0 ? "undone" : "nothing to undo");
      } catch (error) {
        outcomes.add(String(error)); // what it mounts was swapped under it: it did not start
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, race));
  await swapper.kill();
  expect(snapshot(outside)).toEqual(before);
  expect(existsSync(join(site.home, "README"))).toBe(false);
  expect(outcomes).toContain("undone"); // the race was run, not only started
});

function snapshot(directory: string): readonly (readonly [string, number, string])[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((name) => {
      const path = join(directory, name);
      const stats = statSync(path);
      return [name, stats.mode, stats.isFile() ? readFileSync(path, "utf8") : ""] as const;
    });
}
