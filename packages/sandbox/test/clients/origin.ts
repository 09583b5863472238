import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { dirname, join, normalize } from "node:path";
import { temporaryDirectory } from "../temporary-directory.ts";
import { createCertificates } from "./certificates.ts";

/** What `hello.txt` says. */
export const HELLO = "hello from the site";

/** A site of static files, served over TLS and plainly: what the registries of all the clients come down to. */
export class Origin implements AsyncDisposable {
  readonly directory: string;
  /** PEM of the authority behind the TLS site. */
  readonly authority: string;
  readonly #servers: readonly Server[];
  readonly #resources: AsyncDisposableStack;

  static async open(hosts: readonly string[]): Promise<Origin> {
    await using stack = new AsyncDisposableStack();
    const { path } = stack.use(temporaryDirectory("koda-origin-"));
    const { authorityPath, certificatePath, keyPath } = createCertificates(path, hosts);
    const root = join(path, "site");
    mkdirSync(root);
    writeFileSync(join(root, "hello.txt"), HELLO);
    const serve = serveFiles(root);
    const tls = createTlsServer({ cert: readFileSync(certificatePath), key: readFileSync(keyPath) }, serve);
    const servers = [tls, createServer(serve)];
    for (const server of servers) {
      stack.defer(() => {
        server.closeAllConnections();
        server.close();
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
    }
    return new Origin(root, readFileSync(authorityPath, "utf8"), servers, stack.move());
  }

  private constructor(
    directory: string,
    authority: string,
    servers: readonly Server[],
    resources: AsyncDisposableStack,
  ) {
    this.directory = directory;
    this.authority = authority;
    this.#servers = servers;
    this.#resources = resources;
  }

  get tlsPort(): number {
    return portOf(this.#servers[0]);
  }

  get plainPort(): number {
    return portOf(this.#servers[1]);
  }

  /** Puts a file on the site; gives its path on disk. */
  put(path: string, content: string | Uint8Array): string {
    const target = join(this.directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    return target;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

function serveFiles(root: string): RequestListener {
  return (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const path = join(root, normalize(decodeURIComponent(pathname)));
    const file = [path, join(path, "index.html"), join(path, "index.json")].find(
      (each) => existsSync(each) && statSync(each).isFile(),
    );
    if (file === undefined) response.writeHead(404).end();
    // `@ORIGIN@` in a file is the site as the client sees it: registries name their own files absolutely.
    else if (/\.(?:json|html)$/.test(file)) {
      const origin = `${"encrypted" in request.socket ? "https" : "http"}://${request.headers.host}`;
      const type = file.endsWith("json") ? "application/json" : "text/html";
      response.setHeader("content-type", type).end(readFileSync(file, "utf8").replaceAll("@ORIGIN@", origin));
    } else response.setHeader("content-length", statSync(file).size).end(readFileSync(file));
  };
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
