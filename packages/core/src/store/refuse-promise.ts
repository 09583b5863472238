import { CoreError } from "../errors.ts";

/**
 * What a transaction's act answered. Thrown within the transaction, so that all of it is taken back.
 *
 * @throws {CoreError} `store_rejected` for a promise: what it writes when it goes on would be in no transaction.
 */
export function refusePromise<T>(answer: T): T {
  if (typeof answer !== "object" || answer === null || !("then" in answer)) return answer;
  throw new CoreError("store_rejected", "what is written together cannot wait for anything: its act gave a promise");
}
