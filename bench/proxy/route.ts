/** The way of one connection: straight to the target, or through a proxy. */
export type Route =
  | { readonly kind: "direct" }
  | ({ readonly kind: "connect" | "socks5" | "forward" } & ProxyPlace)
  /** The proxy that HTTP_PROXY or ALL_PROXY of the load generator's own environment names. */
  | { readonly kind: "environment"; readonly protocol: "connect" | "socks5" };

/** Null credentials: the proxy asks for none. */
export interface ProxyPlace {
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string | null;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A route that needs no further look-up. */
export type KnownRoute = Exclude<Route, { readonly kind: "environment" }>;

export function toKnownRoute(route: Route, environment: Readonly<Record<string, string | undefined>>): KnownRoute {
  if (route.kind !== "environment") return route;
  const name = route.protocol === "connect" ? "HTTP_PROXY" : "ALL_PROXY";
  const text = environment[name];
  if (text === undefined) throw new Error(`the load generator has no ${name}`);
  const url = new URL(text);
  const { hostname: host, username, password } = url;
  return {
    kind: route.protocol,
    host,
    port: Number(url.port),
    username: username === "" ? null : decodeURIComponent(username),
    password: password === "" ? null : decodeURIComponent(password),
  };
}
