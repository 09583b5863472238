import { main } from "../../src/program/main.ts";

// The program as its users start it, from the sources.
await main(process.argv.slice(2));
