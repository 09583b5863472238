// Tells the world about a release: node scripts/announce.js [URL]
import { readFile } from "node:fs/promises";

const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
const url = process.argv[2] ?? manifest.config.announce;
try {
  const response = await fetch(url, { method: "POST", body: `${manifest.name} ${manifest.version}` });
  console.log(`${url}: ${response.status} ${(await response.text()).trim()}`);
} catch (error) {
  let cause = error;
  while (cause.cause) cause = cause.cause;
  console.error(`${url}: ${cause.message}`);
  process.exitCode = 1;
}
