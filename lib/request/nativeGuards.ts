import type { JSONObject, KuzzleRequest, PipeEventHandler } from "kuzzle";

import { checkGuards, mayName, needsCurrent } from "../change/checkGuards";
import { checkReplacement } from "../change/checkReplacement";
import { type Guard, withoutExempt } from "../change/guards";
import { checkingPipe } from "../kuzzle/application";
import type { GuardsOf } from "./guarding";
import { NATIVE_WRITES, type NativeWrite, nativeWrites } from "./nativeWrites";

/** Reads what documents of a collection hold: of those that there are, by `_id`. */
export type ReadSources = (
  index: string,
  collection: string,
  ids: readonly string[],
) => Promise<ReadonlyMap<string, JSONObject>>;

/**
 * Makes the pipes that hold what clients do by native actions against the guards of their collections,
 * but for those that ask what was set before: between the check and the write, that may change.
 *
 * They are on the event of each action that comes last before it, so that they see what other plugins
 * have made of the request.
 *
 * @param isHeld whether a request is held against guards elsewhere
 * @param maxDocuments how many one request may write: Kuzzle refuses more
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
    // Without a user it is the application's own. What Kuzzle refuses, it does in its own words.
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
    const asking = writes.filter((write) => dependsOnCurrent(guards, write));
    const checkAll = (current: ReadonlyMap<string, JSONObject>) => {
      for (const write of writes) {
        const target = { _id: write._id, collection, index };
        checkWrite(guards, target, write, current.get(write._id));
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

function dependsOnCurrent(
  guards: readonly Guard[],
  write: NativeWrite,
): boolean {
  if ("content" in write) {
    return true;
  }

  return (write.mayCreate ? mayName : needsCurrent)(guards, write);
}

function checkWrite(
  guards: readonly Guard[],
  target: Parameters<typeof checkGuards>[1],
  write: NativeWrite,
  current: JSONObject | undefined,
): void {
  if ("content" in write) {
    if (current) {
      checkReplacement(guards, target, current, write.content);
    }
    return;
  }
  const { changes, mayCreate, unset } = write;
  // What creates a document may give its fields any value.
  if (current || !mayCreate) {
    checkGuards(guards, target, { changes, current, profileIds: [], unset });
  }
}
