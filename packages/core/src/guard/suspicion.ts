/** A way in which a text tries to give orders to the model that reads it. */
export type SuspicionFamily =
  | "override"
  | "role-marker"
  | "persona"
  | "exfiltration"
  | "hidden-text"
  | "false-authority";

/**
 * Which families occur in a text that a tool gave. Never for what the user writes. A hit blocks nothing by itself: it
 * raises what later calls need, so a clever text that is missed meets what every text meets.
 */
export function findSuspicion(text: string): readonly SuspicionFamily[] {
  const hidden = hiddenText.some((pattern) => pattern.test(text));
  const plain = nonAscii.test(text) ? text.normalize("NFKC").replace(invisible, "") : text;
  const lowerCase = plain.toLowerCase();
  const spoken = families.filter(([, phrases]) => phrases.some((phrase) => isSpoken(phrase, plain, lowerCase)));
  return [...new Set([...(hidden ? (["hidden-text"] as const) : []), ...spoken.map(([family]) => family)])];
}

interface Phrase {
  /** Words that all must occur, in small letters; `|` between those of which one will do. */
  readonly needs: string;
  readonly expression: RegExp;
}

/** Most texts lack a word, and an expression that is never tried is never compiled either. */
function isSpoken({ needs, expression }: Phrase, text: string, lowerCase: string): boolean {
  const hasWord = (choice: string): boolean => choice.split("|").some((word) => lowerCase.includes(word));
  return needs.split(" ").every(hasWord) && expression.test(text);
}

const nonAscii = /[^\0-\x7f]/;
const invisible = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;

const hiddenText: readonly RegExp[] = [
  // Tag characters, which show as nothing, other than in the flags of England, Scotland and Wales.
  /(?<![\u{1f3f4}\u{e0000}-\u{e007f}])[\u{e0000}-\u{e007f}]{4}/u,
  // More variation selectors than any character takes.
  /[\u{e0100}-\u{e01ef}]{4}/u,
  // Text shown in another order than it is read.
  /[\u202d\u202e]/,
  /[\u200b-\u200d\u2060\ufeff]{8}/,
];

// Repetitions are counted and short, since the texts are written by anyone.
const families: readonly (readonly [SuspicionFamily, readonly Phrase[]])[] = [
  [
    "override",
    [
      {
        needs: "ignore|disregard|forget|override previous|prior|earlier|preceding|foregoing|above",
        expression:
          /\b(?:ignore|disregard|forget|override)\s{1,4}(?:(?:all|any|the|your|my|of|these|those)\s{1,4}){0,4}(?:previous|prior|earlier|preceding|foregoing|above)\s{1,4}(?:instruction|prompt|direction|command|guideline|order|system\s{1,4}(?:prompt|message))s?\b/i,
      },
      {
        needs: "ignore|disregard|forget|override prompt|safety|original",
        expression:
          /\b(?:ignore|disregard|forget|override)\s{1,4}(?:all\s{1,4})?(?:your|the)\s{1,4}(?:system\s{1,4}prompt|safety\s{1,4}(?:rules|guidelines)|original\s{1,4}instructions)\b/i,
      },
      {
        needs: "new instruction from|for",
        expression:
          /\bnew\s{1,4}instructions?\s{1,4}(?:from|for)\s{1,4}(?:the\s{1,4})?(?:system|user|developer|operator|assistant|AI|agent|model)\b/i,
      },
    ],
  ],
  [
    "role-marker",
    [
      {
        needs: "im_|header_id|eot_id|endoftext",
        expression: /<\|(?:im_start|im_end|start_header_id|end_header_id|eot_id|endoftext)\|>/,
      },
      { needs: "inst]|sys>>", expression: /\[\/?INST\]|<<\/?SYS>>/ },
      { needs: "system", expression: /<\/?system(?:-reminder|_prompt|_message)?>/i },
      {
        needs: "human: assistant:",
        expression: /\n\s{0,4}\n(?:Human|Assistant):\s{0,4}\S[^\n]{0,2000}\n\s{0,4}\n(?:Human|Assistant):/,
      },
    ],
  ],
  [
    "persona",
    [
      {
        needs: "you now mode|unrestricted|jailbroken|uncensored|dan",
        expression:
          /\byou\s{1,4}are\s{1,4}now\s{1,4}(?:in\s{1,4}(?:developer|god|admin|debug|unrestricted|jailbreak)\s{1,4}mode|(?:an?\s{1,4})?(?:unrestricted|jailbroken|uncensored|DAN)\b)/i,
      },
      {
        needs: "you now assistant|agent|ai|chatbot|model",
        expression:
          /\byou\s{1,4}are\s{1,4}now\s{1,4}(?:an?|the|my)\s{1,4}(?:\w{1,20}\s{1,4}){0,3}(?:assistant|AI|agent|chatbot|language\s{1,4}model)\b/i,
      },
      {
        needs: "if|attention|dear|note|message|instructions ai|llm|model|coding agent|assistant|model",
        expression:
          /\b(?:if\s{1,4}you\s{1,4}are|attention|dear|note\s{1,4}to|message\s{1,4}(?:to|for)|instructions\s{1,4}for)[\s:,]{1,4}(?:an?\s{1,4}|all\s{1,4}|any\s{1,4}|the\s{1,4}){0,2}(?:AI|LLM|language\s{1,4}model|coding)(?:\s{1,4}(?:agent|assistant|model)s?)\b/i,
      },
    ],
  ],
  [
    "exfiltration",
    [
      {
        needs:
          "send|post|upload|forward|transmit|mail|exfiltrate|leak|append|encode|include to|into|via ssh|aws|netrc|config|id_|/etc/|environment|prompt|conversation|user|.env",
        expression:
          /\b(?:send|post|upload|forward|transmit|email|mail|exfiltrate|leak|append|encode|include)\b[^\n]{0,60}(?:~\/\.(?:ssh|aws|config|netrc)|\bid_(?:rsa|ed25519)\b|\/etc\/(?:passwd|shadow)|\benvironment\s{1,4}variables|\bsystem\s{1,4}prompt|\b(?:this|our|the|entire)\s{1,4}conversation|\bthe\s{1,4}user'?s\s{1,4}(?:secret|credential|password|token|key|file|API)|\b(?:contents?\s{1,4}of\s{1,4}(?:the\s{1,4})?)\.env\b)[^\n]{0,120}(?:\b(?:to|into|via)\s{1,4})[^\n]{0,40}(?:https?:\/\/|[\w.-]{1,64}@[\w-]{1,64}\.|\bthe\s{1,4}(?:URL|following|webhook|server)\b)/i,
      },
      {
        needs: "curl|wget|nc ssh|aws|netrc|id_|env",
        expression:
          /\b(?:curl|wget|nc|ncat)\b[^\n]{0,200}(?:\$\(|`|<\s{0,4}|@)(?:cat\s{1,4}|env\b|printenv\b)?[^\n)]{0,60}(?:\.ssh|\.aws|\.netrc|\bid_rsa|\bid_ed25519|\benv\b\s{0,4}[|)`]|printenv)/,
      },
    ],
  ],
  [
    "false-authority",
    [
      {
        needs: "user has approved|authori|granted|consented",
        expression:
          /\bthe\s{1,4}user\s{1,4}has\s{1,4}(?:already\s{1,4})?(?:pre-?)?(?:approved|authori[sz]ed|granted|consented\s{1,4}to)\s{1,4}(?:(?:all|this|these|the|any|every|you|following)\s{1,4}){1,2}(?:action|command|request|call|permission|operation|change|access|to\s{1,4}(?:run|execute))s?\b/i,
      },
      {
        needs: "user tell|inform|mention|notify|alert|reveal|show|notifying",
        expression:
          /\b(?:do\s{1,4}not|don't|never|without)\s{1,4}(?:tell|inform|mention|notify|alert|reveal|show|telling|informing|notifying)(?:ing)?\s{1,4}(?:(?:this|it|any\s{1,4}of\s{1,4}this)\s{1,4}to\s{1,4})?(?:the\s{1,4})?user\s{1,4}(?:about\s{1,4}(?:this|these)|of\s{1,4}this|that\s{1,4}you)\b/i,
      },
      {
        needs: "override|message|notice|instruction|alert|command system|admin|developer|koda",
        expression:
          /(?:^|\n)\s{0,8}(?:\W{0,8})(?:SYSTEM|ADMIN|DEVELOPER|KODA)\s{1,4}(?:OVERRIDE|MESSAGE|NOTICE|INSTRUCTIONS?|ALERT|COMMAND)\b/,
      },
      { needs: "external_content|command_output", expression: /<\/\s{0,8}(?:external_content|command_output)\b/i },
      {
        needs: "approval|confirmation|permission user",
        expression:
          /\bno\s{1,4}(?:further\s{1,4})?(?:approval|confirmation|permission)\s{1,4}(?:is\s{1,4})?(?:needed|required|necessary)\b[^\n]{0,40}\b(?:from|by)\s{1,4}the\s{1,4}user\b/i,
      },
    ],
  ],
];
