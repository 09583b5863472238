import { lookup, Resolver } from "node:dns/promises";

/** The two ways to ask for a name's addresses; each rejects when there are none. */
export interface NameSources {
  /** As every program of this machine resolves: hosts file, DNS, whatever else is set up. Cannot be called back. */
  readonly system: (hostname: string) => Promise<readonly string[]>;
  /** The DNS servers and nothing else. */
  readonly servers: (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;
}

/**
 * Resolves names so that those that hang keep no others waiting. The system's resolver runs on a few threads that the
 * whole process shares, and a call that hangs holds its thread for as long as the resolver likes: two calls at most
 * are out, the others wait in the order they came. One that has waited for 250 ms asks the DNS servers as well, and
 * takes their answer if it comes first and has addresses; that there are none is for the system to say.
 *
 * Those who ask for one name at the same time share the answer. Nothing is kept longer: a later request asks again.
 */
export class SystemResolver {
  readonly #sources: NameSources;
  readonly #jobs = new Map<string, Job>();
  readonly #waiting = new Set<Job>();
  #running = 0;

  constructor(sources: NameSources = systemSources) {
    this.#sources = sources;
  }

  /** Rejects when there is no such name. A request whose signal is aborted gives up its place; it may never settle. */
  resolve(hostname: string, signal: AbortSignal): Promise<readonly string[]> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const job = this.#jobs.get(hostname) ?? this.#enqueue(hostname);
    job.askers += 1;
    const leave = (): void => {
      job.askers -= 1;
      if (job.askers === 0 && this.#waiting.has(job)) this.#forget(job);
    };
    signal.addEventListener("abort", leave, { once: true });
    return job.answer.promise.finally(() => signal.removeEventListener("abort", leave));
  }

  #enqueue(hostname: string): Job {
    const job: Job = {
      hostname,
      answer: Promise.withResolvers(),
      servers: new AbortController(),
      patience: setTimeout(() => void this.#askServers(job), patienceMs),
      askers: 0,
    };
    job.answer.promise.catch(() => undefined); // whoever asked is told by a promise of its own
    this.#jobs.set(hostname, job);
    this.#waiting.add(job);
    this.#startNext();
    return job;
  }

  #startNext(): void {
    const [job] = this.#waiting;
    if (job === undefined || this.#running >= maxRunning) return;
    this.#waiting.delete(job);
    clearTimeout(job.patience);
    this.#running += 1;
    this.#sources
      .system(job.hostname)
      .then(job.answer.resolve, job.answer.reject)
      .finally(() => {
        this.#running -= 1;
        this.#forget(job);
        this.#startNext();
      });
  }

  async #askServers(job: Job): Promise<void> {
    try {
      const addresses = await this.#sources.servers(job.hostname, job.servers.signal);
      if (addresses.length === 0) return;
      job.answer.resolve(addresses);
      this.#forget(job);
    } catch {
      // The system has the last word on names that do not exist.
    }
  }

  #forget(job: Job): void {
    clearTimeout(job.patience);
    job.servers.abort();
    this.#waiting.delete(job);
    if (this.#jobs.get(job.hostname) === job) this.#jobs.delete(job.hostname);
  }
}

interface Job {
  readonly hostname: string;
  readonly answer: PromiseWithResolvers<readonly string[]>;
  readonly servers: AbortController;
  readonly patience: NodeJS.Timeout;
  askers: number;
}

const systemSources: NameSources = {
  system: async (hostname) => (await lookup(hostname, { all: true, order: "verbatim" })).map(({ address }) => address),
  servers: async (hostname, signal) => {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    const cancel = (): void => resolver.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    signal.removeEventListener("abort", cancel);
    return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  },
};

/** libuv gives half of its four threads to look-ups, however many are asked for. */
const maxRunning = 2;
const patienceMs = 250;
