import { CoreError } from "../errors.ts";
import type { CompletedTurn, ContextProvider } from "./context-provider.ts";
import {
  type ContextAnswer,
  type ContextRequest,
  type ProviderLimits,
  queryContext,
  type SkippedProvider,
  tellOfTurn,
} from "./query-context.ts";

/** The context providers of one session, in the order in which they were added. Changes count from the next prompt on. */
export class ContextProviders {
  readonly #providers = new Map<string, ContextProvider>();

  /** @throws {CoreError} `bad_option` when the name is empty, or a provider of that name is there. */
  add(provider: ContextProvider): void {
    if (provider.name === "") throw new CoreError("bad_option", "a context provider has an empty name");
    if (this.#providers.has(provider.name)) {
      throw new CoreError("bad_option", `two context providers are named ${JSON.stringify(provider.name)}`);
    }
    this.#providers.set(provider.name, provider);
  }

  /** False when there was none. */
  remove(name: string): boolean {
    return this.#providers.delete(name);
  }

  names(): readonly string[] {
    return [...this.#providers.keys()];
  }

  /** As {@link queryContext}. */
  query(request: ContextRequest, limits: ProviderLimits): Promise<ContextAnswer> {
    return queryContext([...this.#providers.values()], request, limits);
  }

  /** As {@link tellOfTurn}. */
  afterTurn(turn: CompletedTurn, limits: ProviderLimits): Promise<readonly SkippedProvider[]> {
    return tellOfTurn([...this.#providers.values()], turn, limits);
  }
}
