/** How many records of a session are kept, in every store. */
export const maxAuditRecords = 10_000;
