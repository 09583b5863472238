import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HELLO } from "./origin.ts";

/** A bare repository in a directory, as the plain files of git's "dumb" protocol. */
export function putRepository({ directory }: { readonly directory: string }): string {
  const [work, bare] = [join(directory, "work"), join(directory, "hello.git")];
  const git = (...args: readonly string[]): unknown =>
    execFileSync("git", args, { stdio: ["ignore", "ignore", "pipe"] });
  git("init", "--quiet", work);
  writeFileSync(join(work, "hello.txt"), HELLO);
  git("-C", work, "add", "hello.txt");
  git("-C", work, "-c", "user.name=a", "-c", "user.email=a@test", "commit", "--quiet", "--message=hello");
  git("clone", "--quiet", "--bare", work, bare);
  git("-C", bare, "update-server-info");
  return bare;
}
