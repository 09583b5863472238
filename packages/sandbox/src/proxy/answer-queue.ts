import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Whose turn it is where a client sends requests ahead (RFC 9112 §9.3.2): one at a time, so that one client connection
 * never holds more than one connection to a host.
 */
export class AnswerQueue {
  readonly #byClient = new WeakMap<Socket, { last: ServerResponse; waiting: number }>();

  /** The response to the latest request of this client. */
  last(client: Socket): ServerResponse | undefined {
    return this.#byClient.get(client)?.last;
  }

  /** Resolves when every response begun on this connection is done; false when the client has left by then. */
  async untilAnswered(client: Socket): Promise<boolean> {
    const last = this.last(client);
    if (last && !last.closed) await new Promise((resolve) => last.once("close", resolve));
    return !client.destroyed;
  }

  /**
   * Resolves when every earlier response is done; false when the client has left by then. A client that has sent more
   * than 1,000 requests ahead, as none does that means well, is cut off.
   */
  async join(client: Socket, response: ServerResponse): Promise<boolean> {
    const queue = this.#byClient.get(client);
    if (!queue) {
      this.#byClient.set(client, { last: response, waiting: 0 });
      return true;
    }
    const { last: previous } = queue;
    queue.last = response;
    if (previous.closed) return true;
    queue.waiting += 1;
    if (queue.waiting > maxWaiting) client.destroy();
    await new Promise((resolve) => previous.once("close", resolve));
    queue.waiting -= 1;
    return !client.destroyed;
  }
}

const maxWaiting = 1_000;
