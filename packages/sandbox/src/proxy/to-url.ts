/** The URL of a proxy: `scheme://host:port`, IPv6 in brackets, or `unix:PATH`. */
export function toUrl(
  scheme: "http" | "https" | "socks5" | "socks5h",
  place: { readonly host: string; readonly port: number },
): string {
  const { host, port } = place;
  if (port === 0) return `unix:${host}`;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
