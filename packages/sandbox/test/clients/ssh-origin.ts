import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import ssh2 from "ssh2";
import { temporaryDirectory } from "../temporary-directory.ts";
import { putRepository } from "./repository.ts";

/** An SSH server with one user, `git`, and one repository: any `git-upload-pack` is served from it. */
export class SshOrigin implements AsyncDisposable {
  readonly port: number;
  /** As ssh-keygen writes one; the only key that is let in. */
  readonly userKey: string;
  /** Type and key as in a known_hosts line behind the host. */
  readonly hostKey: string;
  readonly #server: ssh2.Server;
  readonly #place: Disposable;

  static async open(): Promise<SshOrigin> {
    using stack = new DisposableStack();
    const place = stack.use(temporaryDirectory("koda-ssh-"));
    const repository = putRepository({ directory: place.path });
    const [host, user] = [ssh2.utils.generateKeyPairSync("ed25519"), ssh2.utils.generateKeyPairSync("ed25519")];
    const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => serve(client, user.public, repository));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SshOrigin({ server, place: stack.move(), userKey: user.private, hostKey: host.public });
  }

  private constructor(parts: {
    readonly server: ssh2.Server;
    readonly place: Disposable;
    readonly userKey: string;
    readonly hostKey: string;
  }) {
    const { server, place, userKey, hostKey } = parts;
    this.#server = server;
    this.#place = place;
    this.port = (server.address() as AddressInfo).port; // TCP: not a pipe name
    this.userKey = userKey;
    this.hostKey = hostKey;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#place[Symbol.dispose]();
  }
}

function serve(client: ssh2.Connection, publicKey: string, repository: string): void {
  const [known] = [ssh2.utils.parseKey(publicKey)].flat();
  client.on("error", () => client.end());
  client.on("authentication", (attempt) => {
    if (attempt.method !== "publickey" || attempt.username !== "git" || known === undefined || known instanceof Error) {
      return attempt.reject(["publickey"]);
    }
    const isKnown = attempt.key.data.equals(known.getPublicSSH());
    const isProven = attempt.signature === undefined || known.verify(attempt.blob ?? "", attempt.signature) === true;
    return isKnown && isProven ? attempt.accept() : attempt.reject();
  });
  client.on("session", (acceptSession) => {
    const session = acceptSession();
    session.on("env", (accept) => accept?.());
    session.on("exec", (accept, reject, { command }) => {
      if (!command.startsWith("git-upload-pack ")) return reject();
      const channel = accept();
      const child = spawn("git-upload-pack", [repository]);
      channel.pipe(child.stdin);
      child.stdout.pipe(channel, { end: false });
      child.on("close", (status) => {
        channel.exit(status ?? 1);
        channel.end();
      });
    });
  });
}
