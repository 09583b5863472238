/** What a piece of work touches. Paths are absolute with links resolved; null stands for everything. */
export interface PathUse {
  /** Empty: it writes nothing. */
  readonly writePaths: readonly string[] | null;
  /** What must not be written while it reads. Absent or empty: it does not mind. */
  readonly readPaths?: readonly string[] | null | undefined;
}

/** A place in the order. While it is not clear, earlier work that is not over touches the same. */
export interface PathTicket {
  readonly isClear: boolean;
}

/**
 * Keeps work that touches the same paths apart and in order: two that write one path, or one that writes what the
 * other reads, where a directory stands for all in it. Others are never held up. The case of letters does not count,
 * since on some file systems two spellings are one file.
 */
export class PathOrder {
  readonly #present = new Map<PathTicket, Ticket>();

  enter(use: PathUse): PathTicket {
    const ticket: Ticket = {
      writes: fold(use.writePaths),
      reads: fold(use.readPaths === undefined ? [] : use.readPaths),
      blockers: 0,
      blocks: [],
      isClear: true,
    };
    for (const earlier of this.#present.values()) {
      if (!collides(earlier, ticket)) continue;
      earlier.blocks.push(ticket);
      ticket.blockers += 1;
    }
    ticket.isClear = ticket.blockers === 0;
    this.#present.set(ticket, ticket);
    return ticket;
  }

  /** The work is over, or never was. Leaving twice does nothing. */
  leave(ticket: PathTicket): void {
    const present = this.#present.get(ticket);
    if (present === undefined) return;
    this.#present.delete(ticket);
    for (const later of present.blocks) {
      later.blockers -= 1;
      later.isClear = later.blockers === 0;
    }
  }
}

type Paths = readonly string[] | null;

interface Ticket extends PathTicket {
  readonly writes: Paths;
  readonly reads: Paths;
  readonly blocks: Ticket[];
  blockers: number;
  isClear: boolean;
}

const fold = (paths: Paths): Paths => paths?.map((path) => path.normalize("NFC").toLowerCase()) ?? null;

const collides = (first: Ticket, second: Ticket): boolean =>
  overlap(first.writes, second.writes) || overlap(first.writes, second.reads) || overlap(first.reads, second.writes);

function overlap(first: Paths, second: Paths): boolean {
  if (first === null) return second === null || second.length > 0;
  if (second === null) return first.length > 0;
  return first.some((one) => second.some((other) => contains(one, other) || contains(other, one)));
}

const contains = (directory: string, path: string): boolean =>
  path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`);
