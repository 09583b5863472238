import type { Socket } from "node:net";
import type { FilterVerdict } from "../filter/filter.ts";
import type { Target } from "../filter/target.ts";
import type { ByteCounts, ConnectionEntry } from "./connection-log.ts";
import type { AbsoluteForm, DialledConnection } from "./dial-outcome.ts";
import type { RelayBuffers } from "./relay-buffers.ts";
import { Wire } from "./wire.ts";

/**
 * An open connection to an allowed host, as rules and records see it. It is in use, with a record that is closed with
 * its socket, whoever closes that; or it rests between two uses for the same target.
 */
export class EgressConnection {
  readonly socket: Socket;
  /** The checked address; null when an upstream proxy resolved the name. */
  readonly address: string | null;
  /** Not null when the socket leads to an upstream HTTP proxy, which wants requests in absolute form. */
  readonly absoluteForm: AbsoluteForm | null;
  readonly target: Target;
  readonly verdict: FilterVerdict & { readonly kind: "allow" };
  /** The name that TLS inside asked for; null where it is not TLS, or not known yet. */
  serverName: string | null = null;
  /** Whether its first bytes pass under a private rule only. */
  isPrivateNeeded = false;
  readonly #wire: Wire | null;
  #entry: ConnectionEntry | null = null;
  #countedBefore: ByteCounts;
  #endReason: string | null = null;

  constructor(
    dialled: DialledConnection,
    rules: { readonly target: Target; readonly verdict: FilterVerdict & { readonly kind: "allow" } },
    /** Told when the socket is gone and the last record written. */
    onClosed: (connection: EgressConnection) => void,
  ) {
    this.socket = dialled.socket;
    this.address = dialled.address;
    this.absoluteForm = dialled.absoluteForm;
    this.target = rules.target;
    this.verdict = rules.verdict;
    this.#wire = dialled.wire;
    this.#countedBefore = dialled.overhead;
    this.socket.on("close", () => {
      this.#endUse();
      onClosed(this);
    });
  }

  /** Begins the record of a use. */
  use(entry: ConnectionEntry): void {
    this.#entry = entry;
    this.#endReason = null;
    entry.opened(this.address, this.verdict.rule);
  }

  /** Closes the record of a use; the socket stays open for another. */
  rest(): void {
    this.#endUse();
    const { bytesWritten: bytesUp, bytesRead: bytesDown } = this.socket;
    this.#countedBefore = { bytesUp, bytesDown };
  }

  /** Names how the use ended, for its record; without it, that both sides ended. The first reason given stays. */
  noteEnd(reason: string): void {
    this.#endReason ??= reason;
  }

  close(reason: string): void {
    this.noteEnd(reason);
    this.socket.destroy();
  }

  /** What the socket brings, from `ahead` on. */
  toWire(ahead: Buffer, buffers: RelayBuffers): Wire {
    const wire = this.#wire ?? Wire.of(this.socket, buffers);
    wire.keep(ahead);
    return wire;
  }

  #endUse(): void {
    const entry = this.#entry;
    if (!entry) return;
    this.#entry = null;
    entry.closed(this.#endReason ?? "both sides ended", {
      bytesUp: this.socket.bytesWritten - this.#countedBefore.bytesUp,
      bytesDown: this.socket.bytesRead - this.#countedBefore.bytesDown,
    });
  }
}
