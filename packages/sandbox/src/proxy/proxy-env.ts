import type { ClientCredentials } from "./client-registry.ts";

export interface ProxyEndpoint {
  readonly host: string;
  readonly port: number;
}

export interface ProxyEnvOptions {
  /** Null where that proxy does not run. */
  readonly http: ProxyEndpoint | null;
  readonly socks5: ProxyEndpoint | null;
  /** Put into the URLs; null where the proxies ask for none. */
  readonly credentials: ClientCredentials | null;
  /** A PEM file for every client that does not read the system's certificates. */
  readonly caBundlePath?: string | undefined;
  /** With it, git reaches hosts over ssh. */
  readonly ssh?: SshOptions | undefined;
}

export interface SshOptions {
  /**
   * Program and first arguments of a command that connects its stdin and stdout to `HOST PORT` (appended) through
   * the proxy that the environment names: `["koda-sandbox", "connect"]`.
   */
  readonly connectProgram: readonly string[];
  /**
   * False where ssh would refuse its own configuration files: in a user namespace that maps one user only, those of
   * root belong to nobody.
   */
  readonly readsConfiguration: boolean;
}

/**
 * The environment in which the usual clients find the proxies: curl, wget, git, npm, pnpm, Yarn, pip, cargo, Go, Node's
 * fetch, Python, apt, Java. Keys come sorted; without any proxy and CA bundle it is empty. Pure.
 */
export function proxyEnv(options: ProxyEnvOptions): Record<string, string> {
  const { http, socks5, credentials, caBundlePath, ssh } = options;
  const httpUrl = http && toProxyUrl("http", http, credentials);
  // socks5h: the proxy resolves the name. A client that resolved it here would find no DNS.
  const allUrl = socks5 ? toProxyUrl("socks5h", socks5, credentials) : httpUrl;
  const variables: Record<string, string> = {
    ...(httpUrl && http ? { ...httpVariables(httpUrl), JAVA_TOOL_OPTIONS: javaOptions(http) } : {}),
    ...(allUrl ? bothCases({ ALL_PROXY: allUrl, NO_PROXY: noProxy }) : {}),
    ...(allUrl && ssh ? { GIT_SSH_COMMAND: gitSshCommand(ssh) } : {}),
    ...(caBundlePath === undefined ? {} : caVariables(caBundlePath)),
  };
  return Object.fromEntries(Object.entries(variables).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Servers of the command's own. Nothing else: a wider list would point clients at networks they cannot reach. */
const noProxy = "localhost,127.0.0.1,::1";

function httpVariables(url: string): Record<string, string> {
  return {
    ...bothCases({ HTTP_PROXY: url, HTTPS_PROXY: url }),
    // git would first ask without credentials, and a proxy that serves those too would not know whose request it is.
    GIT_HTTP_PROXY_AUTHMETHOD: "basic",
    NODE_USE_ENV_PROXY: "1",
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: noProxy,
    YARN_HTTP_PROXY: url,
    YARN_HTTPS_PROXY: url,
    PIP_PROXY: url,
    CARGO_HTTP_PROXY: url,
    // cargo's own git client knows less of proxies than git does.
    CARGO_NET_GIT_FETCH_WITH_CLI: "true",
  };
}

function caVariables(path: string): Record<string, string> {
  const names = [
    "AWS_CA_BUNDLE",
    "CARGO_HTTP_CAINFO",
    "CURL_CA_BUNDLE",
    "DENO_CERT",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "YARN_HTTPS_CA_FILE_PATH",
    "npm_config_cafile",
  ];
  return Object.fromEntries(names.map((name) => [name, path]));
}

/** Java takes no credentials this way; where the proxy requires them, it is refused. */
function javaOptions({ host, port }: ProxyEndpoint): string {
  return [
    `-Dhttp.proxyHost=${host} -Dhttp.proxyPort=${port}`,
    `-Dhttps.proxyHost=${host} -Dhttps.proxyPort=${port}`,
    `-Dhttp.nonProxyHosts=localhost|127.0.0.1|[::1]`,
  ].join(" ");
}

/** Read by a shell, then by ssh, which replaces `%h` and `%p`, then by another shell. */
function gitSshCommand({ connectProgram, readsConfiguration }: SshOptions): string {
  const words = connectProgram.map((word) => shellQuote(word).replaceAll("%", "%%"));
  const proxyCommand = shellQuote(`ProxyCommand=${[...words, "%h", "%p"].join(" ")}`);
  return `ssh ${readsConfiguration ? "" : "-F none "}-o ${proxyCommand}`;
}

function shellQuote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function toProxyUrl(scheme: string, { host, port }: ProxyEndpoint, credentials: ClientCredentials | null): string {
  const user = credentials
    ? `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`
    : "";
  return `${scheme}://${user}${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function bothCases(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => [
      [name, value],
      [name.toLowerCase(), value],
    ]),
  );
}
