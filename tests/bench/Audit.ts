/** An update that was acknowledged. */
interface Acknowledged {
  readonly requestId: string;
  /** Of the document, as the client was told. */
  readonly version: number;
}

/** What an audit found amiss. */
export interface Findings {
  /** Updates without a version of their own, and versions that no client was told of. */
  readonly versions: number;
  /** Updates without a notification of their own, and notifications of no acknowledged update. */
  readonly notifications: number;
  /** Notifications that came after that of a later version. */
  readonly notificationsOutOfOrder: number;
  /** Updates that were stored before one that was sent earlier. */
  readonly overtaken: number;
}

/** Follows each update of one document from its request to its version and its notification. */
export class Audit {
  readonly #acknowledged: Acknowledged[] = [];
  readonly #versionBefore: number;
  #sent = 0;

  constructor(versionBefore: number) {
    this.#versionBefore = versionBefore;
  }

  get acknowledged(): number {
    return this.#acknowledged.length;
  }

  /** The id of the request that is sent next. */
  nextRequestId(): string {
    return String(++this.#sent);
  }

  note(requestId: string, version: number): void {
    this.#acknowledged.push({ requestId, version });
  }

  /** @param notified request ids of the notifications, in the order in which they came */
  findings(notified: readonly string[]): Findings {
    const versionOf = new Map(
      this.#acknowledged.map(({ requestId, version }) => [requestId, version]),
    );
    const versions = [...this.#acknowledged]
      .sort((a, b) => Number(a.requestId) - Number(b.requestId))
      .map(({ version }) => version);
    const told = new Set(versions);
    const first = this.#versionBefore + 1;
    const untold = Array.from(
      { length: Math.max(0, ...told) - this.#versionBefore },
      (_, n) => first + n,
    ).filter((version) => !told.has(version));
    const ids = new Set(notified);

    return {
      notifications:
        [...versionOf.keys()].filter((id) => !ids.has(id)).length +
        notified.filter((id) => !versionOf.has(id)).length +
        (notified.length - ids.size),
      notificationsOutOfOrder: descents(
        notified.flatMap((id) => versionOf.get(id) ?? []),
      ),
      overtaken: descents(versions),
      versions: versions.length - told.size + untold.length,
    };
  }
}

/** How many numbers are below the one before them. */
function descents(numbers: readonly number[]): number {
  return numbers.filter(
    (number, position) => number < Number(numbers[position - 1] ?? number),
  ).length;
}
