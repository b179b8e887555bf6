import type { KuzzleRequest } from "kuzzle";

import { checkGuards, needsCurrent } from "../change/checkGuards";
import type { Computed } from "../change/Change";
import type { Guard } from "../change/guards";
import type { StoredDocument } from "../storage/StoredDocument";

/** Returns the guards of a collection. */
export type GuardsOf = (index: string, collection: string) => readonly Guard[];

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

/** @returns nothing where the collection has no guards */
export function guarding(
  guardsOf: GuardsOf,
  request: KuzzleRequest,
): Guarding | undefined {
  const { collection, index } = request.getIndexAndCollection();
  const guards = guardsOf(index, collection);
  if (guards.length === 0) {
    return undefined;
  }
  const profileIds = request.getUser()?.profileIds ?? [];

  return {
    check: ({ unset, update }, current) =>
      checkGuards(guards, update, {
        changes: update.body,
        current: current?.source,
        profileIds,
        unset,
      }),
    needsCurrent: ({ unset, update }) =>
      needsCurrent(guards, { changes: update.body, unset }),
  };
}
