import type { JSONObject } from "kuzzle";

import type { Target } from "../write/UpdateArguments";
import { fieldRefusal } from "./fieldRefusal";
import { type Guard, KINDS, withoutExempt } from "./guards";
import { addField, indexedFields, namesOf } from "./indexedFields";
import { keepsField } from "./keepsField";
import { matchesName, namedFields } from "./namedFields";

/** An update to check against guards, and the profiles of its user. */
export interface GuardedUpdate {
  readonly changes: JSONObject;
  /** Paths of fields to remove, each as a list of names. */
  readonly unset?: readonly (readonly string[])[];
  /** The stored document, if `needsCurrent` asks for it. */
  readonly current?: JSONObject | undefined;
  readonly profileIds: readonly string[];
}

type NamingUpdate = Pick<GuardedUpdate, "changes" | "unset">;

/**
 * Tells whether the stored document is needed to check the guards. It is for `immutable` guards, which
 * depend on stored values, and for guarded fields inside an object: if an array is stored in place of
 * that object, an update of any field of the object replaces the array.
 */
export function needsCurrent(
  guards: readonly Guard[],
  update: NamingUpdate,
): boolean {
  const asking = guards.filter(
    ({ kind, names }) => kind === "immutable" || names.length > 1,
  );

  return mayName(asking, update);
}

/** Tells whether an update names a guarded field, or another field of the same top-level object. */
export function mayName(
  guards: readonly Guard[],
  { changes, unset = [] }: NamingUpdate,
): boolean {
  const named = guards.length === 0 ? [] : Object.keys(changes);

  return [...named, ...unset.map(([name = ""]) => name)].some((key) =>
    guards.some(({ names }) => matchesName(names, 0, namesOf(key)[0]!)),
  );
}

/**
 * @throws plugin.document-update.field_read_only, plugin.document-update.field_immutable,
 * plugin.document-update.field_forbidden, whose `props` are index, collection, _id and the fields
 */
export function checkGuards(
  guards: readonly Guard[],
  target: Target,
  { changes, current, profileIds, unset = [] }: GuardedUpdate,
): void {
  if (guards.length === 0) {
    return;
  }
  const written = indexedFields(changes);
  for (const path of unset) {
    addField(written, path.flatMap(namesOf), null);
  }
  const stored = current && indexedFields(current);

  for (const kind of KINDS) {
    const fields = withoutExempt(guards, profileIds)
      .filter((guard) => guard.kind === kind)
      .flatMap((guard) =>
        namedFields(guard.names, { path: [], stored, written }).filter(
          (named) =>
            kind !== "immutable" || !stored || !keepsField(guard, named),
        ),
      )
      .map(({ path }) => path.join("."));
    if (fields.length > 0) {
      throw fieldRefusal(kind, target, fields);
    }
  }
}
