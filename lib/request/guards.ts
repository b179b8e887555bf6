import type { JSONObject, KuzzleRequest, PipeEventHandler } from "kuzzle";

import type { Computed } from "../change/decide";
import {
  checkGuards,
  type GuardedWrite,
  needsCurrent,
} from "../change/guardedFields";
import { type GuardsOf, withoutExempt } from "../change/guards";
import { checkingPipe } from "../kuzzle/application";
import type { StoredDocument } from "../storage/readDocuments";
import { NATIVE_WRITES, nativeWrites } from "./nativeWrites";

/** Checks the update of a request against the guards of its collection. */
export interface Guarding {
  /** Whether the check needs the stored document. */
  readonly needsCurrent: (computed: Computed) => boolean;
  /**
   * @throws plugin.document-update.field_read_only, plugin.document-update.field_immutable,
   * plugin.document-update.field_forbidden
   */
  readonly check: (computed: Computed, current?: StoredDocument) => void;
}

/** @returns nothing where the collection has no guards, or the user is exempt from all of them */
export function guarding(
  guardsOf: GuardsOf,
  request: KuzzleRequest,
): Guarding | undefined {
  const { collection, index } = request.getIndexAndCollection();
  const guards = withoutExempt(
    guardsOf(index, collection),
    request.getUser()?.profileIds ?? [],
  );
  if (guards.length === 0) {
    return undefined;
  }

  const writeOf = ({ unset, update: { body } }: Computed): GuardedWrite => ({
    body,
    kind: "update",
    unset,
  });

  return {
    check: (computed, current) =>
      checkGuards(guards, computed.update, writeOf(computed), current?.source),
    needsCurrent: (computed) => needsCurrent(guards, writeOf(computed)),
  };
}

/** Reads documents of a collection. Those that do not exist are left out of the result. */
export type ReadSources = (
  index: string,
  collection: string,
  ids: readonly string[],
) => Promise<ReadonlyMap<string, JSONObject>>;

/**
 * Makes the pipes that check clients' native actions against the guards of their collections.
 * `immutable` guards are left out, since the stored value may change between the check and the write.
 *
 * Each pipe is on the last event before the action, so that it sees the changes that other plugins have
 * made to the request.
 *
 * @param isHeld tells whether the guards are checked elsewhere for a request
 * @param maxDocuments Kuzzle's limit of documents in one write request: it refuses more by itself
 */
export function nativeGuards(
  guardsOf: GuardsOf,
  isHeld: (request: KuzzleRequest) => boolean,
  read: ReadSources,
  maxDocuments: number,
): Readonly<Record<string, PipeEventHandler>> {
  const check = (request: KuzzleRequest): Promise<void> | undefined => {
    const { collection, index } = request.input.args;
    const user = request.getUser();
    // A request without a user is the application's own. Invalid requests are left to Kuzzle, so that
    // the client gets native's error.
    if (
      user === null ||
      typeof index !== "string" ||
      typeof collection !== "string"
    ) {
      return undefined;
    }
    const guards = withoutExempt(
      guardsOf(index, collection),
      user.profileIds ?? [],
    ).filter(({ kind }) => kind !== "immutable");
    if (guards.length === 0 || isHeld(request)) {
      return undefined;
    }
    const writes = nativeWrites(request);
    if (writes.length > maxDocuments) {
      return undefined;
    }
    const asking = writes.filter((write) => needsCurrent(guards, write));
    const checkAll = (current: ReadonlyMap<string, JSONObject>) => {
      for (const write of writes) {
        const target = { _id: write._id, collection, index };
        checkGuards(guards, target, write, current.get(write._id));
      }
    };
    if (asking.length === 0) {
      checkAll(new Map());
      return undefined;
    }

    return read(
      index,
      collection,
      asking.map(({ _id }) => _id),
    ).then(checkAll);
  };

  return Object.fromEntries(
    NATIVE_WRITES.map((action) => [
      `document:before${action[0]!.toUpperCase()}${action.slice(1)}`,
      checkingPipe(check),
    ]),
  );
}
