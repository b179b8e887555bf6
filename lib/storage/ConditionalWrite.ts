import { setTimeout } from "node:timers/promises";

import { type JSONObject, type KuzzleError, PreconditionError } from "kuzzle";

import { pluginError } from "../errors";
import { collectionOf } from "../kuzzle/alias";
import { changesOf, bodyOf } from "../kuzzle/StorageSeam";
import type { ClientCall } from "../kuzzle/WriteTag";
import { throughJson } from "../throughJson";
import { PluginWrite, type WriteWay } from "./PluginWrite";
import type { StorageCall } from "./StorageRequest";
import {
  type DocumentVersion,
  documentVersion,
  type StoredDocument,
} from "./StoredDocument";

/** What a write has left. */
export interface Written {
  readonly version: DocumentVersion;
  /** Copies the document as it is stored: nothing where storage does not tell that for sure. */
  readonly copy: () => StoredDocument | undefined;
}

/** What a write was computed from, and what is to become of it. */
export interface Conditional {
  /** The document is written only if this is still its version. */
  readonly on: DocumentVersion;
  /** The instant that the changes hold as the present one, in ms since the epoch: the metadata then tell the same. */
  readonly now?: number | undefined;
  /**
   * Makes the whole document of the changes, where changes cannot tell it: a field goes.
   *
   * @param hasPipeline whether an ingest pipeline may make something else of it
   * @throws to have nothing stored
   */
  readonly wholeOf?: (changes: JSONObject, hasPipeline: boolean) => JSONObject;
  /**
   * Called once it is stored, while Kuzzle still has to answer it: afterwards, what there is to copy
   * is Kuzzle's. Without what was left where storage does not tell that.
   */
  readonly onStored?: (written: Written | undefined) => void;
  /**
   * Called where others have written the document meanwhile. The changes need not come through Kuzzle
   * once more, which takes most of the time in which others could write it again, where they are the
   * same for what is there now.
   *
   * @returns what they are conditional on then; nothing where they are others
   */
  readonly renew?: () => Promise<Conditional | undefined>;
}

/** How often a write of unknown outcome is sent again, and the longest pause before, in ms. */
const MAX_RESENT = 3;
const PAUSE = 200;

/**
 * A write that is stored only if its document is still what it was computed from, whoever else writes
 * it: a compare-and-swap.
 *
 * After a failure of which it is not known whether it was stored, the very same write is sent again,
 * by the plugin and not by the client: what it fails of then may be itself.
 */
export class ConditionalWrite extends PluginWrite {
  readonly #conditional: Conditional;
  readonly #isDryRun: boolean;
  #hasTaken = false;
  #dryRun: JSONObject | undefined;

  /** @param isDryRun whether it ends where it would be sent */
  constructor(
    kuid: string,
    way: WriteWay,
    conditional: Conditional,
    isDryRun = false,
  ) {
    super(kuid, way);
    this.#conditional = conditional;
    this.#isDryRun = isDryRun;
  }

  /** Whether the request to storage that was answered had the condition on it. */
  get hasTaken(): boolean {
    return this.#hasTaken;
  }

  /** The changes that would have been sent, metadata included. */
  get dryRun(): JSONObject | undefined {
    return this.#dryRun;
  }

  protected override async store(call: ClientCall): Promise<JSONObject> {
    const { now } = this.#conditional;
    const hasPipeline = await this.way.hasPipeline(call);
    const changes = changesOf(call.params) as JSONObject;
    const { _kuzzle_info: metadata } = changes as { _kuzzle_info?: JSONObject };
    if (now !== undefined && metadata && !this.way.isMetadataEventHeard()) {
      // Kuzzle has made it, and nobody else holds it.
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
          // Storage refuses it beside a condition.
          retry_on_conflict: undefined,
        },
        ...(whole && { whole }),
      };
    };
    const request = requestOn(this.#conditional);
    if (this.#isDryRun) {
      this.#dryRun = changes;
      // Kuzzle hands on its own errors as they are; of some, not of this one, it may write a dump.
      throw new PreconditionError("A dry run ends here.", "", 0);
    }
    const answer = await this.#sendRenewed(request, requestOn);
    this.#hasTaken = true;
    this.#conditional.onStored?.(writtenOf(answer, hasPipeline));

    return answer;
  }

  /** Sends it, and again on another condition as long as others have written the document, and the changes are the same. */
  async #sendRenewed(
    first: StorageCall,
    requestOn: (conditional: Conditional) => StorageCall,
  ): Promise<JSONObject> {
    let request = first;
    let { renew } = this.#conditional;
    for (;;) {
      try {
        return await this.#send(request);
      } catch (error) {
        const renewed = isConflict(error) ? await renew?.() : undefined;
        if (renewed === undefined) {
          throw error;
        }
        ({ renew } = renewed);
        request = requestOn(renewed);
      }
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

/** Reads the answer to a write that is stored: whatever it holds, this does not fail. */
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
      // Storage answers what it had before the pipeline.
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

/** The error of a write that fails when it is sent again: maybe of what it did the first time. */
function outcomeUnknown({ params }: StorageCall, cause: unknown): KuzzleError {
  const { collection, index } = collectionOf(params["index"])!;
  const id = String(params["id"]);
  const error = pluginError("outcome_unknown", index, collection, id);
  error.cause = cause;

  return error;
}

/** Tells that storage found another document than the one that was read. */
function isConflict(error: unknown): boolean {
  const { statusCode } = Object(error) as { readonly statusCode?: number };

  return statusCode === 409;
}

/** Tells that storage may have stored what failed: a lost connection, a timeout, a proxy's error. */
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
