import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificates {
  /** PEM file of the authority that signed the certificate. */
  readonly authorityPath: string;
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** An authority of the test's own and a certificate of it for `hosts`, made in `directory` with openssl. */
export function createCertificates(directory: string, hosts: readonly string[]): Certificates {
  const openssl = (line: string): unknown =>
    execFileSync("openssl", line.split(" "), { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
  const names = hosts.map((host) => `DNS:${host}`).join(",");
  writeFileSync(join(directory, "leaf.cnf"), `basicConstraints=CA:FALSE\nsubjectAltName=${names}\n`);
  const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
  openssl(`req -x509 ${newKey} -days 2 -subj /CN=authority -keyout authority.key -out authority.pem`);
  openssl(`req -new ${newKey} -subj /CN=leaf -keyout leaf.key -out leaf.csr`);
  openssl(
    "x509 -req -in leaf.csr -CA authority.pem -CAkey authority.key -set_serial 1 -days 2 -extfile leaf.cnf -out leaf.pem",
  );
  return {
    authorityPath: join(directory, "authority.pem"),
    certificatePath: join(directory, "leaf.pem"),
    keyPath: join(directory, "leaf.key"),
  };
}
