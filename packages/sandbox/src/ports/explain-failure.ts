/** Why a port could not be reached, as one plain sentence without its full stop; `where` names the port. */
export function explainFailure(error: unknown, where: string): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  // `::1` was tried last: without IPv6 the reason is that of 127.0.0.1, on which nothing else can go wrong.
  if (typeof code === "string" && NOBODY_LISTENS.includes(code)) return `nothing listens on ${where}`;
  if (code === "ETIMEDOUT" || (error instanceof Error && error.name === "TimeoutError"))
    return `${where} did not answer in time`;
  return `${where} cannot be reached${error instanceof Error ? `: ${error.message}` : ""}`;
}

const NOBODY_LISTENS: readonly string[] = ["ECONNREFUSED", "EADDRNOTAVAIL", "EAFNOSUPPORT", "ENETUNREACH"];
