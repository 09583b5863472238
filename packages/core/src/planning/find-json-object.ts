/**
 * The JSON object in a model's answer: the whole of it, or what lies between the first `{` and the last `}`, as models
 * like to wrap it in prose or a code block. Undefined when there is none.
 */
export function findJsonObject(answer: string): unknown {
  const start = answer.indexOf("{");
  const end = answer.lastIndexOf("}");
  if (start === -1 || end < start) return undefined;
  try {
    return JSON.parse(answer.slice(start, end + 1));
  } catch {
    return undefined; // no JSON: the caller has a rule for an answer that holds none
  }
}
