/**
 * Tries clients that `npm test` does not see to, those that are installed here or those whose names are given:
 *
 *     node --conditions=@koda/source packages/sandbox/test/clients/by-hand.ts [NAME…]
 *
 * Status 1 when one does not do what the table in the README says, or when a named one is not installed.
 */
import { fetchingByHand } from "./checks/fetching.ts";
import { javaByHand } from "./checks/java.ts";
import { npmPackagesByHand } from "./checks/npm-packages.ts";
import { type ClientCheck, explainFailure } from "./client-check.ts";
import { ClientRig } from "./client-rig.ts";
import { missingPrograms } from "./programs.ts";

const names = process.argv.slice(2).map((name) => name.toLowerCase());
const checks = [...fetchingByHand, ...npmPackagesByHand, ...javaByHand].filter(
  ({ name }) => names.length === 0 || names.some((part) => name.toLowerCase().includes(part)),
);
if (checks.length === 0) say("no client of that name");
await using rig = await ClientRig.open();
for (const check of checks) await tryOut(check);
process.exitCode ??= checks.length === 0 ? 1 : 0;

async function tryOut(check: ClientCheck): Promise<void> {
  const missing = missingPrograms(check);
  if (missing.length > 0) {
    say(`-    ${check.name}: not installed: ${missing.join(", ")}`);
    if (names.length > 0) process.exitCode = 1;
    return;
  }
  const complaint = explainFailure(check, await rig.run(check));
  say(complaint === null ? `ok   ${check.name}` : `FAIL ${complaint}`);
  if (complaint !== null) process.exitCode = 1;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
