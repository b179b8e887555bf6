import { setTimeout } from "node:timers/promises";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { UpdateHandler } from "../kuzzle/Seams";
import type { Target } from "../kuzzle/collections";
import { isOfServerCode } from "../kuzzle/application";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { DocumentQueues, PlainUpdate } from "./DocumentQueues";
import type { Delegate, Write } from "./delegateUpdate";
import { isVersionConflict, versionConflict } from "./outcomes";

/** What updates are stored with that nothing is computed for. */
export interface PlainUpdates {
  readonly delegate: Delegate;
  /** Whether updates go through batches. */
  readonly isBatching: boolean;
  readonly isMetadataEventHeard: () => boolean;
  /** Tells whether a specification may change the body of an update. */
  readonly isSpecified: (index: string, collection: string) => boolean;
  /** How long an update is sent again after conflicts, in ms. */
  readonly maxWait: number;
  readonly queues: DocumentQueues;
  readonly statistics: UpdateStatistics;
}

/** Backoff: longest pause before each retry, in ms. The last one is used for all further retries. */
const PAUSES = [10, 20, 40, 80, 160, 200] as const;

/** Flags that Kuzzle's getters turn into booleans over HTTP, where any value that is there means `true`. */
const FLAGS = ["silent", "source"];

/** Makes the function that stores an update of the plugin's own action. */
export function plainUpdates(tools: PlainUpdates): Write {
  const { delegate, maxWait, queues, statistics } = tools;

  return (update) =>
    queues.plain(
      update,
      queued(tools, update, update.context, update.options.refresh),
      (onStored) =>
        writeUntilStored(
          () => delegate.write(update, onStored),
          update,
          maxWait,
          statistics,
        ),
    );
}

/**
 * Makes the function that runs Kuzzle's own update on the request that it was given, and again after
 * conflicts with other writers: then the request is first put back as it was.
 *
 * An update of a client waits for the changes of its document that came before it; one of server code
 * does not, because a pipe may make it during such a change.
 */
export function nativeUpdates(tools: PlainUpdates): UpdateHandler {
  const { delegate, isMetadataEventHeard, isSpecified } = tools;
  const { maxWait, queues, statistics } = tools;

  return (request, native) => {
    const { context, input } = request;
    const { _id, collection, index, refresh } = input.args;
    const target: Target = { _id, collection, index };
    const mayChange = isMetadataEventHeard() || isSpecified(index, collection);
    const putBack = putter(request, mayChange);
    let tries = 0;
    const update = (onStored?: () => void) =>
      writeUntilStored(
        () => {
          if (tries++ > 0) {
            putBack();
          }
          return delegate.writeNatively(request, native, onStored);
        },
        target,
        maxWait,
        statistics,
      );
    if (isOfServerCode(context)) {
      queues.onForeignWrite(target);
      return update();
    }

    return queues.plain(
      target,
      queued(tools, target, context, refresh),
      update,
    );
  };
}

/**
 * Retries a write with backoff as long as it fails with a version conflict: another node, or a write
 * that does not go through the plugin, has changed the document meanwhile.
 *
 * @param maxWait how long to retry, in ms
 * @throws plugin.document-update.version_conflict
 */
export async function writeUntilStored<TDocument>(
  write: () => Promise<TDocument>,
  target: Target,
  maxWait: number,
  statistics: UpdateStatistics,
): Promise<TDocument> {
  const deadline = performance.now() + maxWait;
  let retry = 0;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isVersionConflict(error, target)) {
        throw error;
      }
      statistics.conflicts++;
      const left = deadline - performance.now();
      if (left <= 0) {
        throw versionConflict(target, error);
      }
      // Jitter: a random part of the pause, so that writes that conflicted do not conflict again.
      const pause = PAUSES[retry++] ?? PAUSES.at(-1)!;
      await setTimeout(Math.min(Math.random() * pause, left));
      statistics.retries++;
    }
  }
}

function queued(
  { isBatching, isMetadataEventHeard, isSpecified }: PlainUpdates,
  { collection, index }: Target,
  { connection }: KuzzleRequest["context"],
  refresh: unknown,
): PlainUpdate {
  const runsPipes = isMetadataEventHeard();
  const waitsForRefresh = refresh === "wait_for";

  return {
    connectionId: connection.id,
    mayBeLate:
      runsPipes ||
      waitsForRefresh ||
      !isBatching ||
      // Kuzzle reads the document first.
      isSpecified(index, collection),
    runsPipes,
    waitsForRefresh,
  };
}

/** Makes a function that puts a request back as it is now. */
function putter({ input }: KuzzleRequest, copiesBody: boolean): () => void {
  const { args } = input;
  const flags = FLAGS.map((name) => [name, args[name] as unknown] as const);
  const body = copiesBody ? copyOf(input.body!) : undefined;

  return () => {
    for (const [name, value] of flags) {
      if (value === undefined) {
        delete args[name];
      } else {
        args[name] = value;
      }
    }
    if (body !== undefined) {
      input.body = copyOf(body);
    }
  };
}

/** Copies a body, which a pipe may have filled with other than JSON: what cannot be copied stays itself. */
function copyOf(body: JSONObject): JSONObject {
  try {
    return structuredClone(body);
  } catch {
    return body;
  }
}
