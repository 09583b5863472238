import type { ClientCheck } from "../client-check.ts";
import { putRepository } from "../repository.ts";

export const git: readonly ClientCheck[] = [
  {
    name: "git, https",
    programs: ["git"],
    prepare: putRepository,
    script: ({ tls }) => `git clone --quiet ${tls}/hello.git hello && cat hello/hello.txt`,
  },
];

/** An SSH server as its user knows it. */
export interface SshPlace {
  readonly port: number;
  readonly userKey: string;
  /** Type and key as in a known_hosts line behind the host; empty for a host that is not known. */
  readonly hostKey: string;
}

/** A key and the host's key lie in the project: the user's own are out of a confined command's reach. */
export function gitOverSsh({ port, userKey, hostKey }: SshPlace): ClientCheck {
  return {
    name: "git, ssh",
    programs: ["git", "ssh"],
    script: ({ host }) => `
      echo '[${host}]:${port} ${hostKey}' > known_hosts
      (umask 077; echo '${userKey}' > deploy_key)
      export GIT_SSH_COMMAND="$GIT_SSH_COMMAND -i $PWD/deploy_key -o UserKnownHostsFile=$PWD/known_hosts"
      git clone --quiet ssh://git@${host}:${port}/hello.git hello && cat hello/hello.txt`,
  };
}
