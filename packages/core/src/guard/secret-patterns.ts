import { type CharSet, charSet } from "./char-set.ts";
import { isSecretValue } from "./looks-secret.ts";
import type { PatternPart, SecretPattern } from "./secret-pattern.ts";

const alphanumeric = charSet("A-Za-z0-9");
const upper = charSet("A-Z0-9");
const hex = charSet("a-f0-9");
const word = charSet("A-Za-z0-9_");
const urlSafe = charSet("A-Za-z0-9_-");
const dotted = charSet("A-Za-z0-9_.-");
const base64 = charSet("A-Za-z0-9+/=");

/**
 * The shapes of keys that their makers document, so that one which nobody announced is known too. What has no shape of
 * its own (a Twilio token, a plain password) is known only from where it is kept.
 */
export const secretPatterns: readonly SecretPattern[] = [
  key("AWS access key id", "AKIA ASIA", upper, 16, 16, "AWS IAM, unique identifiers"),
  {
    name: "AWS secret access key",
    prefixes: ["aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "secretAccessKey", "SecretAccessKey"],
    boundary: "none",
    parts: [
      { kind: "run", of: charSet(" \t:='\"\\\\,>"), min: 1, max: 8 },
      { kind: "run", of: base64, min: 40, max: 40, isSecret: true },
    ],
    source: "AWS CLI, configuration and credential file settings",
  },
  key("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", word, 36, 255, "GitHub, token formats"),
  key("GitHub token", "github_pat_", word, 60, 255, "GitHub, fine-grained personal access tokens"),
  key(
    "GitLab token",
    "glpat- gldt- glrt- glptt- glcbt- glsoat- glft- glimt-",
    dotted,
    20,
    300,
    "GitLab, token prefixes",
  ),
  key("OpenAI key", "sk-proj- sk-svcacct- sk-admin-", urlSafe, 40, 300, "OpenAI, API keys"),
  key("API key", "sk-", alphanumeric, 32, 200, "OpenAI and compatible services, API keys"),
  key("Anthropic key", "sk-ant-", urlSafe, 32, 300, "Anthropic, API keys"),
  key("OpenRouter key", "sk-or-v1-", hex, 64, 64, "OpenRouter, authentication"),
  key("Groq key", "gsk_", alphanumeric, 40, 100, "Groq, API keys"),
  key("xAI key", "xai-", alphanumeric, 40, 120, "xAI, API keys"),
  key("Hugging Face token", "hf_", alphanumeric, 30, 100, "Hugging Face, user access tokens"),
  key("Replicate token", "r8_", alphanumeric, 37, 37, "Replicate, API tokens"),
  key("Perplexity key", "pplx-", alphanumeric, 40, 100, "Perplexity, API keys"),
  key("Google API key", "AIza", urlSafe, 35, 35, "Google Cloud, API keys"),
  key("Google OAuth secret", "GOCSPX-", urlSafe, 20, 60, "Google Cloud, OAuth clients"),
  key("Google access token", "ya29.", dotted, 30, 2048, "Google Cloud, token types"),
  key("Slack token", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xapp-", urlSafe, 12, 300, "Slack, token types"),
  {
    name: "Slack webhook",
    prefixes: ["https://hooks.slack.com/services/"],
    boundary: "none",
    parts: [{ kind: "run", of: charSet("A-Za-z0-9/"), min: 30, max: 120 }],
    source: "Slack, incoming webhooks",
  },
  key("Stripe key", "sk_live_ sk_test_ rk_live_ rk_test_ whsec_", alphanumeric, 16, 260, "Stripe, API keys"),
  key("npm token", "npm_", alphanumeric, 36, 36, "npm, about access tokens"),
  key("PyPI token", "pypi-AgE", urlSafe, 50, 500, "PyPI, API tokens"),
  key("RubyGems key", "rubygems_", hex, 48, 48, "RubyGems, API key"),
  key("Docker token", "dckr_pat_ dckr_oat_", urlSafe, 20, 100, "Docker Hub, access tokens"),
  {
    name: "SendGrid key",
    prefixes: ["SG."],
    boundary: "word",
    parts: [run(urlSafe, 20, 24), text("."), run(urlSafe, 40, 50)],
    source: "SendGrid, API keys",
  },
  key("DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", hex, 64, 64, "DigitalOcean, API tokens"),
  key("Shopify token", "shpat_ shpss_ shpca_ shppa_", alphanumeric, 32, 64, "Shopify, access tokens"),
  key("Square token", "sq0atp- sq0csp-", urlSafe, 22, 60, "Square, access tokens"),
  key("Supabase token", "sbp_", hex, 40, 40, "Supabase, management API"),
  key("Linear key", "lin_api_", alphanumeric, 32, 64, "Linear, personal API keys"),
  key("Notion token", "ntn_", alphanumeric, 40, 60, "Notion, authorization"),
  key("Atlassian token", "ATATT3", charSet("A-Za-z0-9_=-"), 50, 250, "Atlassian, API tokens"),
  key("Databricks token", "dapi", hex, 32, 32, "Databricks, personal access tokens"),
  key("Vault token", "hvs. hvb. hvr.", urlSafe, 24, 300, "HashiCorp Vault, tokens"),
  key("age key", "AGE-SECRET-KEY-1", upper, 58, 58, "age, format"),
  key("Grafana token", "glsa_ glc_", charSet("A-Za-z0-9_=+/"), 32, 400, "Grafana, service accounts"),
  key("New Relic key", "NRAK-", upper, 27, 27, "New Relic, API keys"),
  key("Postman key", "PMAK-", urlSafe, 50, 80, "Postman, API keys"),
  key("Figma token", "figd_", urlSafe, 36, 80, "Figma, personal access tokens"),
  key("Sentry token", "sntrys_ sntryu_", charSet("A-Za-z0-9_=+/"), 40, 400, "Sentry, auth tokens"),
  {
    name: "Azure storage key",
    prefixes: ["AccountKey=", "SharedAccessKey="],
    boundary: "none",
    parts: [{ kind: "run", of: base64, min: 40, max: 96, isSecret: true }],
    source: "Azure Storage, connection strings",
  },
  {
    name: "JWT",
    prefixes: ["eyJ"],
    boundary: "word",
    parts: [run(urlSafe, 8, 512), text("."), run(urlSafe, 8, 4096), text("."), run(urlSafe, 16, 1024)],
    source: "RFC 7519; a header is an object, so its base64 begins with eyJ",
  },
  {
    name: "URL password",
    prefixes: ["://"],
    boundary: "none",
    parts: [
      run(charSet("A-Za-z0-9_.%+~-"), 0, 64),
      text(":"),
      { kind: "run", of: charSet("!#-&*-.0-9:;=?A-Z^_a-z~"), min: 8, max: 256, isSecret: true, judge: isSecretValue },
      text("@"),
    ],
    source: "RFC 3986, section 3.2.1",
  },
  {
    name: "private key",
    prefixes: ["RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", ""].map((kind) => `-----BEGIN ${kind}PRIVATE KEY-----`),
    boundary: "none",
    parts: [pemBody(), { kind: "run", of: charSet("A-Z -"), min: 0, max: 48 }],
    source: "RFC 7468; RFC 1421 for the headers of encrypted keys",
  },
  {
    name: "private key",
    prefixes: ["-----BEGIN PGP PRIVATE KEY BLOCK-----"],
    boundary: "none",
    parts: [pemBody(), { kind: "run", of: charSet("A-Z -"), min: 0, max: 48 }],
    source: "RFC 9580, section 6.2",
  },
  {
    name: "private key",
    prefixes: ["RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY"].map(beginInBase64),
    boundary: "none",
    parts: [run(base64, 64, 12_288)],
    source: "RFC 7468 inside base64, as Kubernetes keeps it",
  },
];

/** A prefix, then a run: what most makers chose. */
function key(name: string, prefixes: string, of: CharSet, min: number, max: number, source: string): SecretPattern {
  return { name, prefixes: prefixes.split(" "), boundary: "word", parts: [run(of, min, max)], source };
}

function run(of: CharSet, min: number, max: number): PatternPart {
  return { kind: "run", of, min, max };
}

function text(value: string): PatternPart {
  return { kind: "text", text: value };
}

/** A key of 8192 bits has 6,400 characters. Quotes end it, so that code which only names the line stays as it is. */
function pemBody(): PatternPart {
  return { kind: "run", of: charSet("A-Za-z0-9+/= \t\r\n\\\\:,.-"), min: 64, max: 8192, until: "-----" };
}

/** Whole groups of three bytes only: what follows would change the last characters. */
function beginInBase64(label: string): string {
  const begin = `-----BEGIN ${label}-----`;
  return Buffer.from(begin.slice(0, begin.length - (begin.length % 3)), "latin1").toString("base64");
}
