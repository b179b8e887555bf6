import type { JSONObject } from "kuzzle";

import { mergeChanges } from "../../lib/change/mergeChanges";
import type { Change } from "../../lib/change/Change";
import { ChangeWriter } from "../../lib/change/ChangeWriter";
import { Turns } from "../../lib/change/Turns";
import { UpdateStatistics } from "../../lib/statistics/UpdateStatistics";
import type { Conditional } from "../../lib/storage/ConditionalWrite";
import type { StoredDocument } from "../../lib/storage/StoredDocument";
import type { Delegate } from "../../lib/write/delegateUpdate";
import type { UpdateArguments } from "../../lib/write/UpdateArguments";
import { everything } from "./aLane";
import { aConflict, anUpdate } from "./aWrite";

/** The changes that add one seat to a document. */
export const oneMore = ({ source }: Pick<StoredDocument, "source">) => ({
  unset: [],
  update: anUpdate({ body: { seats: Number(source["seats"]) + 1 } }),
});

/** A change that adds a seat. */
export function anIncrement(changes: Partial<Change> = {}): Change {
  return {
    // If the document has changed in between, this is a different update.
    compute: (current, _now, isUnderWay) =>
      isUnderWay ? undefined : oneMore(current),
    isDryRun: false,
    skipsUnchanged: false,
    tellsFields: false,
    ...changes,
  };
}

/** One document, which is written only if it has not changed since it was read, and its writer. */
export class VersionedStorage {
  document: StoredDocument;
  /** How often it was read. */
  reads = 0;
  /** Updates that were sent, also those that conflicted. */
  readonly sent: UpdateArguments[] = [];
  readonly statistics = new UpdateStatistics();
  readonly turns: Turns;
  readonly writer: ChangeWriter;
  /** Runs before a write reaches the document, as pipes do, and others who write it. */
  before: (update: UpdateArguments) => unknown = () => {};
  /** Runs after each new condition of a write. */
  afterRenewal: () => unknown = () => {};
  /** Runs between the moment when a write on a condition is stored and its answer. */
  untilAnswered: () => unknown = () => {};
  /** Runs when it is read. */
  onRead: () => void = () => {};
  /** Runs, once, after a write on a condition is stored, and before the next one. */
  afterNext: () => void = () => {};

  constructor(
    source: JSONObject = { seats: 4 },
    { maxPending = 100, maxWait = 5_000, rules = everything } = {},
  ) {
    this.document = { primaryTerm: 1, seqNo: 7, source, version: 3 };
    this.turns = new Turns({ maxPending, maxWait });
    this.writer = new ChangeWriter(
      this.delegate,
      async () => {
        this.reads++;
        await Promise.resolve();
        this.onRead();
        return this.document;
      },
      this.turns,
      rules,
      maxWait,
      this.statistics,
    );
  }

  /** Writes it as somebody else does. */
  write(changes: JSONObject): void {
    this.#store(mergeChanges(this.document.source, changes));
  }

  readonly delegate: Delegate = {
    dryRun: async (update) => {
      this.sent.push(update);
      await this.before(update);
      return { ...update.body, _kuzzle_info: { updater: update.kuid } };
    },
    write: async (update) => {
      this.sent.push(update);
      await this.before(update);
      this.write(update.body);
      return this.#answerTo(update, update.body);
    },
    writeIf: async (update, conditional) => {
      this.sent.push(update);
      await this.before(update);
      let { on, renew, wholeOf }: Conditional = conditional;
      while (on.seqNo !== this.document.seqNo) {
        const renewed = await renew?.();
        if (renewed === undefined) {
          throw aConflict(update._id);
        }
        ({ on, renew, wholeOf } = renewed);
        await this.afterRenewal();
      }
      const changes = {
        ...update.body,
        _kuzzle_info: { updater: update.kuid },
      };
      const { source } = this.document;
      this.#store(
        wholeOf ? wholeOf(changes, false) : mergeChanges(source, changes),
      );
      const answer = this.#answerTo(update, changes);
      const { source: copied, ...left } = structuredClone(this.document);
      conditional.onStored?.({
        copy: () => ({ ...left, source: copied }),
        version: left,
      });
      const { afterNext } = this;
      this.afterNext = () => {};
      afterNext();
      await this.untilAnswered();
      return answer;
    },
  };

  #answerTo({ _id, options }: UpdateArguments, changes: JSONObject) {
    const { source, version } = this.document;
    const _source = options.source ? source : changes;

    return { _id, _source, _version: version };
  }

  #store(source: JSONObject): void {
    const { primaryTerm, seqNo, version } = this.document;
    // Another node may write other documents of the collection meanwhile.
    const next = { seqNo: seqNo + 3, version: version + 1 };
    this.document = { primaryTerm, source, ...next };
  }
}
