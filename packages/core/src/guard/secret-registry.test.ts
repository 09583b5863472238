import { inspect } from "node:util";
import { expect, test } from "vitest";
import { redact } from "./redact.ts";
import { secretPatterns } from "./secret-patterns.ts";
import { SecretRegistry } from "./secret-registry.ts";

test.each([
  ["NODE_ENV", "development"],
  ["API_KEY", "development"],
  ["API_KEY", "localhost"],
  ["SECRET_TOKEN", "your-api-key-here"],
  ["SECRET_TOKEN", "changeme-please-1234"],
  ["SSH_KEY", "/home/alice/.ssh/id_ed25519"],
  ["SSH_AUTH_SOCK", "/run/user/1000/keyring/ssh"],
  ["PASSWORD", "alice123x"],
  ["ACCESS_KEY", "aaaaaaaaaaaaaaaa"],
  ["PASSWORD", "12345678"],
  ["TOKEN", "aB3$xY9"],
  ["AUTH_SECRET", "https://example.com/login"],
  ["AUTH_TOKEN", `$\{OTHER_TOKEN_9x7}`],
  ["KEYBOARD_LAYOUT", "x8Kq2mZp4vTn"],
  ["COMPOSE_FILE", "docker-compose.yml:docker-compose.dev2.yml"],
  ["DATABASE_URL", "postgres://postgres:postgres@localhost:5432/app"],
])("%s=%s is not taken for a secret", (name, value) => {
  const registry = new SecretRegistry();
  expect(registry.learnEnvironment({ USER: "alice123x", [name]: value })).toBe(0);
  expect(redact(`It is ${value}.`, registry.scanner()).text).toBe(`It is ${value}.`);
});

test.each([
  ["API_KEY", "x8Kq2mZp4vTn"],
  ["GITHUB_TOKEN", "0123456789abcdef0123456789abcdef01234567"],
  ["DB_PASSWORD", "hunter22"],
  ["MASTER_PASSPHRASE", "correct horse battery staple"],
  ["AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".replace("EXAMPLE", "zQ7mn2p")],
  ["clientSecret", "Zk3-9fLw_77Qa"],
])("%s=%s is learnt, once", (name, value) => {
  const registry = new SecretRegistry();
  expect(registry.learnEnvironment({ [name]: value })).toBe(1);
  expect(registry.learnEnvironment({ [`${name}_TOKEN`]: value })).toBe(0);
  expect(redact(`(${value})`, registry.scanner()).text).toBe(`([secret: ${name}])`);
});

test("the password of an address is learnt under any name, as written and decoded", () => {
  const registry = new SecretRegistry();
  registry.learnEnvironment({ DATABASE_URL: "postgres://app:p%40ss-W0rd9@db:5432/app" });
  expect(redact("PGPASSWORD=p@ss-W0rd9 psql", registry.scanner()).text).toBe("PGPASSWORD=[secret: DATABASE_URL] psql");
});

test.each([
  ["an .env file", `# comment\nexport API_KEY="Vq83-xmL0aTz"\nPORT=3000 # a port\n`, "Vq83-xmL0aTz", "API_KEY"],
  ["a .netrc file", "machine example.com login alice password Vq83-xmL0aTz", "Vq83-xmL0aTz", "password"],
  [
    "an AWS file",
    "[default]\naws_secret_access_key = Vq83xmL0aTzVq83xmL0aTz",
    "Vq83xmL0aTzVq83xmL0aTz",
    "aws_secret_access_key",
  ],
  ["an .npmrc file", "//registry.npmjs.org/:_authToken=Vq83-xmL0aTz", "Vq83-xmL0aTz", "_authToken"],
  ["a YAML file", "github.com:\n    user: alice\n    oauth_token: Vq83-xmL0aTz", "Vq83-xmL0aTz", "oauth_token"],
  ["a JSON file", '{ "auths": { "x": {\n "auth": "dXNlcjpwNHNzdzByZA==",\n} } }', "dXNlcjpwNHNzdzByZA==", "auth"],
  ["git credentials", "https://alice:Vq83-xmL0aTz@git.example.com", "Vq83-xmL0aTz", "URL"],
])("the secrets of %s are learnt", (_, file, value, name) => {
  const registry = new SecretRegistry();
  registry.learnKeyFile(file);
  expect(redact(`"${value}"`, registry.scanner()).text).toBe(`"[secret: ${name}]"`);
  expect(redact("alice PORT 3000 example.com", registry.scanner()).found).toEqual([]);
});

const token = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m";
test.each([
  ["AWS access key id", "AKIAIOSFODNN7EXAMPLE"],
  ["GitHub token", `ghp_${token.slice(0, 36)}`],
  ["GitHub token", `github_pat_11ABCDEFG0${token}`],
  ["GitLab token", `glpat-${token.slice(0, 20)}`],
  ["OpenAI key", `sk-proj-${token}`],
  ["API key", `sk-${token.slice(0, 48)}`],
  ["Anthropic key", `sk-ant-api03-${token}-AA`],
  ["Google API key", `AIza${token.slice(0, 35)}`],
  ["Slack token", `xoxb-123456789012-${token.slice(0, 24)}`],
  ["Stripe key", `sk_live_${token.slice(0, 24)}`],
  ["npm token", `npm_${token.slice(0, 36)}`],
  ["SendGrid key", `SG.${token.slice(0, 22)}.${token.slice(0, 43)}`],
  ["JWT", `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${token.slice(0, 43)}`],
  ["private key", `-----BEGIN OPENSSH PRIVATE KEY-----\n${token}\n${token}\n-----END OPENSSH PRIVATE KEY-----`],
  [
    "private key",
    Buffer.from(`-----BEGIN PRIVATE KEY-----\n${token}\n${token}\n-----END PRIVATE KEY-----\n`).toString("base64"),
  ],
])("a key that nobody announced is known by its shape: %s", (name, key) => {
  expect(redact(`key = "${key}";`, new SecretRegistry().scanner()).text).toBe(`key = "[secret: ${name}]";`);
});

test.each([
  'class="sk-folding-cube sk-cube1"',
  "import { eyJ } from './risk-assessment-of-a-very-long-dependency-name-that-goes-on'",
  'if (pem.includes("-----BEGIN PRIVATE KEY-----")) return parse(pem);',
  "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJRTESMBAGA1UEChMJ\n-----END CERTIFICATE-----",
  "commit 0123456789abcdef0123456789abcdef01234567",
  "sha512-oWWSOaLV3BCdaHzuNDCT0Jbbg8jL5ps1HSA7X1jT6B1pX3kDRJ4nDXNKvA5WfcCgtmsjFt0bF6XKL8KD5GtP6w==",
  "see https://example.com:8443/a@b and git@github.com:owner/name.git",
  "| --- | ----- | ------------------------------------------------------------------ |",
  "taskghp_abc and AKIASHORT and npm_config_registry and AIzaShort",
])("ordinary text stays as it is: %s", (text) => {
  expect(redact(text, new SecretRegistry().scanner()).text).toBe(text);
});

test("every shape has a name for its marker, a source, and prefixes that can be searched for", () => {
  for (const { name, source, prefixes } of secretPatterns) {
    expect(name).toMatch(/^[A-Za-z0-9 _.-]{1,64}$/);
    expect(source).not.toBe("");
    for (const prefix of prefixes) expect(prefix.length).toBeGreaterThanOrEqual(3);
  }
});

test("of a value with several lines each line is known", () => {
  const registry = new SecretRegistry();
  registry.add({ name: "DEPLOY_KEY", value: "line-one-4f9Kq2mZp4vTnaa\nline-two-8sLq2mZp4vTnbbb" });
  expect(redact("2: line-two-8sLq2mZp4vTnbbb", registry.scanner()).text).toBe("2: [secret: DEPLOY_KEY]");
});

test("a registry shows nothing of itself, and forgets", () => {
  const registry = new SecretRegistry();
  registry.add({ name: "TOKEN", value: "x8Kq2mZp4vTn" });
  expect(JSON.stringify({ registry })).toBe('{"registry":{}}');
  expect(inspect(registry, { depth: 9, showHidden: true })).not.toContain("x8Kq2mZp4vTn");
  registry.clear();
  expect(registry.size).toBe(0);
  expect(redact("x8Kq2mZp4vTn", registry.scanner()).found).toEqual([]);
});
