import { blobCases } from "./blob-cases.ts";
import { callCases } from "./call-cases.ts";
import { entryCases } from "./entry-cases.ts";
import { leaseCases } from "./lease-cases.ts";
import { ledgerCases } from "./ledger-cases.ts";
import { outsideCases } from "./outside-cases.ts";
import { projectCases } from "./project-cases.ts";
import { searchCases } from "./search-cases.ts";
import { sessionCases } from "./session-cases.ts";
import type { StoreConformanceCase } from "./store-conformance-case.ts";
import { transactionCases } from "./transaction-cases.ts";
import { valueCases } from "./value-cases.ts";

export type { StoreConformanceCase } from "./store-conformance-case.ts";

/** What a session relies on in its store, one rule each. For whoever writes a store of their own: run all of them. */
export const storeConformanceCases: readonly StoreConformanceCase[] = [
  ...sessionCases,
  ...leaseCases,
  ...entryCases,
  ...callCases,
  ...outsideCases,
  ...ledgerCases,
  ...blobCases,
  ...searchCases,
  ...projectCases,
  ...transactionCases,
  ...valueCases,
];
