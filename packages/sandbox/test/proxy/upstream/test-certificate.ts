import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../../temporary-directory.ts";

/** A self-signed certificate for `name` and its key, in PEM, made with openssl. */
export function createCertificate(name: string): { readonly key: string; readonly cert: string } {
  using directory = temporaryDirectory();
  const [key, cert] = [join(directory.path, "key.pem"), join(directory.path, "cert.pem")];
  const line = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name}`;
  const args = [...line.split(" "), "-addext", `subjectAltName=DNS:${name}`, "-keyout", key, "-out", cert];
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}
