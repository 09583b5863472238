/** What `GIT_SSH_COMMAND` starts: `koda-sandbox connect` with nothing else to load. */
import { runConnect } from "./connect.ts";

process.exitCode = await runConnect(process.argv.slice(2));
