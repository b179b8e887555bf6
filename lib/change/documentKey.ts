import { aliasOf } from "../kuzzle/alias";
import type { Target } from "../write/UpdateArguments";

/** Returns a key of a document, from the names that it has in Kuzzle. */
export function documentKey({ _id, collection, index }: Target): string {
  return storageKey(aliasOf(index, collection), _id);
}

/** Returns the same key, from the names that the document has in storage. */
export function storageKey(alias: string, id: string): string {
  return `${alias}/${id}`;
}
