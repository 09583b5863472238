// Runs before every package script: an old Node gets a sentence instead of a crash
// (the native part of better-sqlite3 13 segfaults on Node 20). No dependency, any Node ≥ 18.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `Koda needs Node 24 or newer; this is Node ${process.versions.node}.\n` +
      `At the root of the repository, "npm start" and "npm test" bring their own Node.\n`,
  );
  process.exit(1);
}
