#!/usr/bin/env node
// Plain old JavaScript on purpose: an old Node must be able to read this far and say what it lacks.
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    "koda-sandbox: needs Node 24 or newer; this is Node " +
      process.versions.node +
      ".\n" +
      "Get it from https://nodejs.org or with your version manager (nvm install 24, fnm install 24, volta install node@24).\n",
  );
  process.exit(1);
}
void import("../dist/program/main.js").then((module) => module.main(process.argv.slice(2)));
