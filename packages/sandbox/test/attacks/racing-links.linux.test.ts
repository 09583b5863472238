import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAttackSite } from "./attack-site.ts";

const ROUNDS = 40;
const AT_ONCE = 4;

/** Makes each name a link, a closed directory with a file, or nothing, at random and without a pause, until it is killed. */
const SWAPPER = `
  $| = 1; print "swapping\\n";
  my ($outside, @names) = @ARGV;
  while (1) {
    my $name = $names[rand @names];
    unlink $name; chmod 0755, $name; unlink "$name/tasks.json"; rmdir $name;
    my $kind = int rand 5;
    symlink $outside, $name if $kind < 2;
    symlink "$outside/tasks.json", $name if $kind == 2;
    if ($kind == 3) { mkdir $name; open my $file, ">", "$name/tasks.json"; close $file; chmod 0555, $name }
  }`;

test("links swapped in the background while commands start and are tidied up after lead no write, move or change of mode outside [LN-14]", async () => {
  await using site = await openAttackSite({
    files: {
      "outside/tasks.json": "mine",
      "outside/closed/settings.json": "mine",
      "outside/hooks/pre-commit": "mine", // what a `.git` that leads here would have
      "outside/config": "mine",
    },
    policy: (place) => ({ writePaths: [join(place, "project/out")] }),
    prepare: ({ place, project }) => {
      chmodSync(join(place, "outside/closed"), 0o500);
      rmSync(join(project, ".git"), { recursive: true });
    },
  });
  const outside = join(site.place, "outside");
  const before = snapshot(outside);
  const argv = ["perl", "-e", SWAPPER, outside, ".git", ".vscode", ".envrc", ".koda", "out"] as const;
  const swapper = site.sandbox.spawn({ argv, clientId: "swapper", isReadOnly: false });
  await once(swapper.stdout ?? process.stdin, "data");
  let started = 0;
  const outcomes = new Set<string>();
  const race = async (): Promise<void> => {
    while (started < ROUNDS) {
      started += 1;
      const script = `for name in .git .vscode .envrc .koda out; do
        echo planted > $name/tasks.json; echo planted > $name; echo planted > $name/closed/settings.json
        echo planted > $name/config; echo planted > $name/hooks/pre-commit; chmod 0777 $name
      done; true`;
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
