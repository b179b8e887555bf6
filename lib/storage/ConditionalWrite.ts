import { setTimeout } from "node:timers/promises";

import { type JSONObject, type KuzzleError, PreconditionError } from "kuzzle";

import { pluginError } from "../errors";
import { throughJson } from "../json";
import type { ClientCall, ReadCall } from "../kuzzle/WriteTag";
import { collectionOf } from "../kuzzle/collections";
import { bodyOf, changesOf } from "../kuzzle/storageClient";
import { PluginWrite, type WriteWay } from "./PluginWrite";
import type { StorageCall } from "./bulk";
import {
  documentVersion,
  type DocumentVersion,
  type StoredDocument,
  storedDocument,
} from "./readDocuments";

/** Result of a stored write. */
export interface Written {
  readonly version: DocumentVersion;
  /** Returns a copy of the stored document, or undefined if storage's answer may differ from it. */
  readonly copy: () => StoredDocument | undefined;
}

/** The condition of a write, and how to write. */
export interface Conditional {
  /** The document is written only if it still has this version. */
  readonly on: DocumentVersion;
  /** The time that the changes contain as the current one, in ms since the epoch: `updatedAt` is set to it. */
  readonly now?: number | undefined;
  /**
   * Makes the whole document to store, because a partial update cannot remove a field.
   *
   * @param hasPipeline whether the collection has an ingest pipeline, which may change the document
   * @throws to cancel the write
   */
  readonly wholeOf?: (changes: JSONObject, hasPipeline: boolean) => JSONObject;
  /**
   * Called once the document is stored, before Kuzzle processes storage's answer. After that, Kuzzle may
   * have changed the document to copy. The argument is undefined if storage's answer has no version.
   */
  readonly onStored?: (written: Written | undefined) => void;
  /**
   * Called after a version conflict. If the changes are still the same on the document as it is now, only
   * the request to storage is repeated. Processing the update in Kuzzle again would take most of the time
   * in which the next conflict can occur.
   *
   * @returns the new condition, or undefined if the changes would be different
   */
  readonly again?: (
    current: StoredDocument,
  ) => Promise<Conditional | undefined>;
}

/** How many times a write with an unknown outcome is sent again. */
const MAX_RESENT = 3;
/** Longest pause before that, in ms. */
const PAUSE = 200;

/**
 * A write that is stored only if its document has not changed since it was read (compare-and-swap).
 *
 * If it is not known whether a failed write was stored, the plugin sends the same write again. The
 * client must not do that by itself: when the second try fails with a conflict, the first one may be
 * the cause, and the outcome is unknown.
 */
export class ConditionalWrite extends PluginWrite {
  /** After a dry run, the changes that would have been sent, including metadata. */
  dryRun: JSONObject | undefined;
  /** Whether the update was stored with its condition. */
  isStored = false;
  readonly #conditional: Conditional;
  readonly #isDryRun: boolean;

  /** @param isDryRun whether the write ends before it would be sent */
  constructor(way: WriteWay, conditional: Conditional, isDryRun = false) {
    super(way);
    this.#conditional = conditional;
    this.#isDryRun = isDryRun;
  }

  protected override async store(call: ClientCall): Promise<JSONObject> {
    const { now } = this.#conditional;
    const hasPipeline = await this.way.hasPipeline(call);
    const changes = changesOf(call.params) as JSONObject;
    const { _kuzzle_info: metadata } = changes as { _kuzzle_info?: JSONObject };
    if (now !== undefined && metadata && !this.way.isMetadataEventHeard()) {
      // Kuzzle has created this object, and nothing else refers to it.
      metadata["updatedAt"] = now;
    }
    const requestOn = ({ on, wholeOf }: Conditional): StorageCall => {
      const whole = wholeOf && throughJson(wholeOf(changes, hasPipeline));
      return {
        ...call,
        options: { maxRetries: 0 },
        params: {
          ...call.params,
          if_primary_term: on.primaryTerm,
          if_seq_no: on.seqNo,
          // Storage refuses retries together with a condition.
          retry_on_conflict: undefined,
        },
        ...(whole && { whole }),
      };
    };
    const request = requestOn(this.#conditional);
    if (this.#isDryRun) {
      this.dryRun = changes;
      endDryRun();
    }
    const answer = await this.#sendRenewed(request, requestOn);
    this.isStored = true;
    this.#conditional.onStored?.(writtenOf(answer, hasPipeline));

    return answer;
  }

  /**
   * Sends the request. After a conflict, sends it with the new condition, as long as the changes stay the
   * same.
   *
   * Without a pause: a node that has just written the document knows its version without a read, and so
   * is ahead of all others anyway. With pauses, updates on the other nodes were kept waiting for more
   * than five seconds.
   */
  async #sendRenewed(
    first: StorageCall,
    requestOn: (conditional: Conditional) => StorageCall,
  ): Promise<JSONObject> {
    let request = first;
    let { again } = this.#conditional;
    for (;;) {
      try {
        return await this.#send(request);
      } catch (error) {
        const current =
          again && isConflict(error) ? await this.#read(request) : undefined;
        const renewed = current && (await again?.(current));
        if (renewed === undefined) {
          throw error;
        }
        ({ again } = renewed);
        request = requestOn(renewed);
      }
    }
  }

  /** Reads the document of a request. @returns undefined if it cannot be read: the next try reports why */
  async #read({
    client,
    params,
    version,
  }: StorageCall): Promise<StoredDocument | undefined> {
    const get = (found: JSONObject) => client.get(found);
    const read = this.way.read ?? ((call: ReadCall) => call.get(call.params));
    try {
      const { id, index } = params;
      const answer = await read({
        client,
        get,
        params: { id, index },
        version,
      });
      return storedDocument(bodyOf(answer));
    } catch {
      return undefined;
    }
  }

  async #send(call: StorageCall, resent = 0): Promise<JSONObject> {
    try {
      return await this.way.store(call);
    } catch (error) {
      const isUnknown = isOutcomeUnknown(error);
      if (resent > 0 && !isUnknown) {
        throw outcomeUnknown(call, error);
      }
      if (!isUnknown || resent === MAX_RESENT) {
        throw error;
      }
      await setTimeout(Math.random() * PAUSE);
      return this.#send(call, resent + 1);
    }
  }
}

/** Ends a dry run in place of the request to storage. */
export function endDryRun(): never {
  // Kuzzle passes its own errors on unchanged. For some of them it may write a dump, but not for this one.
  throw new PreconditionError("A dry run ends here.", "", 0);
}

/** Reads the answer to a stored write. Never throws, whatever the answer contains. */
function writtenOf(
  answer: JSONObject,
  hasPipeline: boolean,
): Written | undefined {
  const version = attempt(() => documentVersion(bodyOf(answer)));
  const copy = (): StoredDocument => ({
    ...version!,
    source: throughJson(bodyOf(answer)["get"]._source as JSONObject),
  });

  return (
    version && {
      // Storage answers with the document as it was before the pipeline.
      copy: () => (hasPipeline ? undefined : attempt(copy)),
      version,
    }
  );
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Makes the error for a write that failed when it was sent again: the first try may have been stored. */
function outcomeUnknown({ params }: StorageCall, cause: unknown): KuzzleError {
  const { collection, index } = collectionOf(params["index"])!;
  const id = String(params["id"]);
  const error = pluginError("outcome_unknown", index, collection, id);
  error.cause = cause;

  return error;
}

/** Tells whether a document has changed since it was read, or exists where it was to be created. */
export function isConflict(error: unknown): boolean {
  const { statusCode } = Object(error) as { readonly statusCode?: number };

  return statusCode === 409;
}

/** Tells whether a failed request may have been stored: a lost connection, a timeout, an error of a proxy. */
function isOutcomeUnknown(error: unknown): boolean {
  const { name, statusCode = 0 } = Object(error) as {
    readonly name?: string;
    readonly statusCode?: number;
  };

  return (
    (statusCode >= 502 && statusCode <= 504) ||
    name === "ConnectionError" ||
    name === "TimeoutError"
  );
}
