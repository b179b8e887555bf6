import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import { answerTo } from "./answerTo";
import type { Delegate } from "./delegateUpdate";
import { maxBulkSize } from "./kuzzleState";
import type {
  UpdateArguments,
  UpdatedDocument,
  Write,
} from "./UpdateArguments";
import type { WriteScope } from "./WriteScope";

interface Member {
  readonly update: UpdateArguments;
  readonly resolve: (answer: Promise<UpdatedDocument>) => void;
}

/** Updates that may be stored together, and whether some of them are being written. */
interface Group {
  readonly waiting: Member[];
  writing: boolean;
}

/**
 * Has updates of different documents that arrive while others are written stored by one bulk write.
 * One that arrives while none is written is so at once, as a group of its own: before an update by
 * itself, Kuzzle would read the document.
 */
export class GroupCommit {
  readonly #delegate: Delegate;
  readonly #groups = new Map<string, Group>();
  readonly #scope: WriteScope;
  readonly #statistics: UpdateStatistics;

  constructor(
    delegate: Delegate,
    scope: WriteScope,
    statistics: UpdateStatistics,
  ) {
    this.#delegate = delegate;
    this.#scope = scope;
    this.#statistics = statistics;
  }

  /** Stores an update. It throws the native errors. */
  readonly write: Write = (update) => {
    const key = groupOf(update);
    const group = this.#groups.get(key) ?? { waiting: [], writing: false };
    this.#groups.set(key, group);

    return new Promise((resolve) => {
      group.waiting.push({ resolve, update });
      this.#depart(key, group);
    });
  };

  #depart(key: string, group: Group): void {
    if (group.writing) {
      return;
    }
    const members = takeDistinct(group.waiting, maxBulkSize());
    if (members.length === 0) {
      this.#groups.delete(key);
      return;
    }
    group.writing = true;
    void this.#scope
      .run(() => this.#store(members))
      .then(() => {
        group.writing = false;
        this.#depart(key, group);
      });
  }

  /** Has each of the updates stored or failed. It never rejects. */
  async #store(members: readonly Member[]): Promise<void> {
    this.#statistics.groups.record(members.length);
    const updates = members.map(({ update }) => update);
    const documents = await this.#delegate.mUpdate(updates).catch(() => []);
    const stored = new Map(documents.map((each) => [each._id, each]));
    const answers = members.map(async ({ update }) => {
      const document = stored.get(update._id);
      // Alone, an update that fails does so with its native error.
      return document
        ? answerTo(document, update)
        : this.#delegate.update(update);
    });
    members.forEach(({ resolve }, place) => resolve(answers[place]!));
    // The next of the same document does not overtake it.
    await Promise.allSettled(answers);
  }
}

/** Identifies the updates that one bulk write can store, and tell subscribers of. */
function groupOf({ collection, index, kuid, options }: UpdateArguments) {
  const { retryOnConflict, silent, volatile } = options;

  return JSON.stringify([
    index,
    collection,
    kuid,
    retryOnConflict,
    silent || volatile,
  ]);
}

/** Takes those that wait, in order of arrival, but one of each document. */
function takeDistinct(waiting: Member[], maxSize: number): Member[] {
  const ids = new Set<string>();
  const taken: Member[] = [];
  for (const member of waiting.splice(0)) {
    const { _id } = member.update;
    if (taken.length < maxSize && !ids.has(_id)) {
      ids.add(_id);
      taken.push(member);
    } else {
      waiting.push(member);
    }
  }

  return taken;
}
