/**
 * Hosts that serve SSH on port 443 to those who cannot reach port 22. To them SSH may pass there as it may on port 22
 * of their owners' main hosts; to every other host only TLS may, unless a private rule opens it.
 */
export const SSH_ON_443_HOSTS: readonly string[] = Object.freeze([
  "ssh.github.com",
  "altssh.gitlab.com",
  "altssh.bitbucket.org",
]);
