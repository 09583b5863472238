#!/usr/bin/env node
// Plain old JavaScript on purpose: an old Node must be able to read this far and say what it lacks.
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    "koda: needs Node 24 or newer; this is Node " +
      process.versions.node +
      ".\n" +
      "Get it from https://nodejs.org or with your version manager (nvm install 24, fnm install 24, volta install node@24).\n",
  );
  process.exit(1);
}
keepCompiledCode(process.env);
void import("../dist/main.js").then((module) => module.main(process.argv.slice(2)));

/**
 * Compiled code is kept between starts, in Koda's own data folder: no confined command can read or write that one, even
 * where the home is the project. Before the first session made the folder, nothing is kept.
 */
function keepCompiledCode(env) {
  const data = env.KODA_HOME || `${env.XDG_DATA_HOME || `${env.HOME}/.local/share`}/koda`;
  if (!process.getBuiltinModule("node:fs").existsSync(`${data}/koda.db`)) return;
  process.getBuiltinModule("node:module").enableCompileCache(`${data}/compiled`);
}
