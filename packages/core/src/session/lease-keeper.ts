import { CoreError } from "../errors.ts";
import type { LeaseOwner, SessionWriter } from "../store/session-record.ts";
import type { SessionStore } from "../store/session-store.ts";
import { isOwnerAlive, toLeaseOwner } from "./process-identity.ts";

/** Three times in what an owner elsewhere may be silent. */
const renewEveryMs = 10_000;

/** @throws {CoreError} `session_busy` naming the process that has it. */
export function takeLease(
  store: SessionStore,
  sessionId: string,
  { token, nowMs }: { readonly token: string; readonly nowMs: number },
): SessionWriter {
  const owner = toLeaseOwner(token, nowMs);
  const isAlive = (other: LeaseOwner): boolean => isOwnerAlive(other, { place: owner.place, nowMs });
  const answer = store.acquireLease(sessionId, owner, isAlive);
  if (answer.kind === "held") return answer.writer;
  throw new CoreError("session_busy", `session ${sessionId} is open in process ${answer.owner.pid}`);
}

/** The lease of one session: this process says regularly that it is there, until it is disposed of. */
export class LeaseKeeper implements Disposable {
  readonly writer: SessionWriter;
  readonly #store: SessionStore;
  readonly #token: string;
  readonly #timer: NodeJS.Timeout;

  /** `writer` as {@link takeLease} gave it for the same token. */
  constructor(store: SessionStore, writer: SessionWriter, options: LeaseOptions) {
    this.#store = store;
    this.writer = writer;
    this.#token = options.token;
    this.#timer = setInterval(() => {
      try {
        store.renewLease(writer, Date.now());
      } catch (error) {
        // A store that fails for a while costs the lease only where nobody can see that this process lives.
        if (error instanceof CoreError && error.code === "lease_lost") options.onLost(error);
      }
    }, renewEveryMs).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    try {
      this.#store.releaseLease(this.writer.sessionId, this.#token);
    } catch {
      // A store that is closed or broken: the lease ends with this process.
    }
  }
}

interface LeaseOptions {
  readonly token: string;
  /** Another process has the session now: nothing more can be written. */
  readonly onLost: (error: CoreError) => void;
}
