export { findGrammarFault } from "../../src/events/turn-grammar.ts";
