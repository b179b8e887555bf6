import {
  type ArgsDocumentControllerUpdate,
  type EmbeddedSDK,
  type JSONObject,
  type KDocument,
  type KDocumentContentGeneric,
  type KuzzleRequest,
} from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject, throughJson } from "../json";
import type { NativeUpdate } from "../kuzzle/Seams";
import { tagged, tagInPlace, tagOf, untag } from "../kuzzle/WriteTag";
import type { Target } from "../kuzzle/collections";
import { type RequestContext, documentOf } from "../kuzzle/application";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import {
  type Conditional,
  ConditionalWrite,
} from "../storage/ConditionalWrite";
import { CreateWrite } from "../storage/CreateWrite";
import { PluginWrite, type WriteWay } from "../storage/PluginWrite";

/** A partial update of one document, and who makes it. */
export interface UpdateArguments extends Target {
  /** The changes to apply. */
  readonly body: JSONObject;
  /** The caller: user, token and connection. */
  readonly context: RequestContext;
  readonly options: UpdateOptions;
}

/**
 * All options that are passed from the client's request to the embedded SDK. The SDK copies every option
 * into its request, so that `__kuid__` or `triggerEvents` would take effect: nothing else may be passed.
 */
export interface UpdateOptions {
  readonly silent: boolean;
  readonly source: boolean;
  readonly refresh?: string;
  /** Passed on unchecked, as natively: storage itself refuses what is not an integer. */
  readonly retryOnConflict?: unknown;
  /** Identifier of the client's request, which is part of notifications. */
  readonly requestId: string;
  /** Time of the request, in ms since the epoch, which is part of notifications. */
  readonly timestamp: number;
  /** Custom data of the request, which is part of notifications. */
  readonly volatile: JSONObject | null;
}

/** The answer to an update: `_source` is the changes, or the whole document with `source`. */
export type UpdatedDocument = KDocument<KDocumentContentGeneric>;

/** Stores an update. */
export type Write = (update: UpdateArguments) => Promise<UpdatedDocument>;

/** Stores updates by one `document:update` of Kuzzle each. Its errors are passed on unchanged. */
export interface Delegate {
  readonly write: (
    update: UpdateArguments,
    onStored?: () => void,
  ) => Promise<UpdatedDocument>;
  /**
   * Runs Kuzzle's own update on the request of a client or of server code. Its body, which has to be a
   * plain object, is tagged meanwhile.
   */
  readonly writeNatively: (
    request: KuzzleRequest,
    native: NativeUpdate,
    onStored?: () => void,
  ) => Promise<unknown>;
  /**
   * Stores an update on the condition that the document has not changed since it was read.
   *
   * @throws plugin.document-update.condition_lost, plugin.document-update.outcome_unknown
   */
  readonly writeIf: (
    update: UpdateArguments,
    conditional: Conditional,
  ) => Promise<UpdatedDocument>;
  /**
   * Creates the document of an update.
   *
   * @param onStored called once it is stored, before Kuzzle notifies and answers; without it, Kuzzle
   * processes the document up to the point where it would be stored
   * @returns the whole document; undefined if another writer has created it
   * @throws plugin.document-update.condition_lost
   */
  readonly create: (
    update: UpdateArguments,
    content: JSONObject,
    onStored?: () => void,
  ) => Promise<UpdatedDocument | undefined>;
  /**
   * Has Kuzzle process an update up to the point where it would be stored.
   *
   * @returns the changes that would be stored, with their metadata
   * @throws plugin.document-update.condition_lost
   */
  readonly dryRun: (
    update: UpdateArguments,
    conditional: Conditional,
  ) => Promise<JSONObject>;
}

/**
 * Makes the functions that store an update: by the embedded SDK's `document.update` with the caller's own
 * context, or by Kuzzle's own method on the caller's own request.
 *
 * @param retryOnConflict used if the client gave none; 0 leaves it to Kuzzle's own default
 */
export function delegateTo(
  sdk: Pick<EmbeddedSDK, "document">,
  way: WriteWay,
  retryOnConflict: number,
  statistics: UpdateStatistics,
): Delegate {
  const plainWrite = (asked: unknown, onStored?: () => void) =>
    new PluginWrite(
      way,
      // As natively, null counts as left out.
      (asked ?? undefined) === undefined && retryOnConflict > 0
        ? retryOnConflict
        : undefined,
      onStored,
    );
  const timed = async <T>(run: () => Promise<T>) => {
    const start = performance.now();
    try {
      return await run();
    } finally {
      statistics.writeDuration.record((performance.now() - start) / 1000);
    }
  };

  /** Returns a copy of what is to be stored if a pipe may change it: it may be sent again. */
  const forPipes = (content: JSONObject) =>
    way.isMetadataEventHeard() ? throughJson(content) : content;

  const run = (
    { _id, body, collection, context, index, options }: UpdateArguments,
    write: PluginWrite,
  ) => {
    const changes = forPipes(body);

    return timed(async () => {
      const document = await documentOf(sdk, context).update(
        index,
        collection,
        _id,
        // An array is passed on as it is: Kuzzle refuses it.
        way.isTrusted() && isPlainObject(changes)
          ? tagged(changes, write)
          : changes,
        asArguments(options),
      );
      untag(document._source);
      return document;
    });
  };

  const writeNatively = (
    request: KuzzleRequest,
    native: NativeUpdate,
    onStored?: () => void,
  ) => {
    if (!way.isTrusted()) {
      return timed(() => native(request));
    }
    const { args, body } = request.input;
    const write = plainWrite(args["retryOnConflict"], onStored);
    // A pipe may have given the same object to two requests: then each needs its own.
    const own: JSONObject = tagOf(body) ? { ...body } : body!;
    tagInPlace(own, write);
    request.input.body = own;

    return timed(async () => {
      try {
        const document = await native(request);
        untag((document as UpdatedDocument)._source);
        return document;
      } finally {
        untag(own);
        // Validation may have put another object in its place.
        untag(request.input.body);
      }
    });
  };

  const create: Delegate["create"] = async (update, content, onStored) => {
    const { _id, collection, context, index, options } = update;
    const write = new CreateWrite(onStored);
    try {
      const document = await timed(() =>
        documentOf(sdk, context).create(
          ...[index, collection],
          tagged(forPipes(content), write),
          _id,
          asArguments(options),
        ),
      );
      untag(document._source);
      if (!write.isStored) {
        throw lost(update);
      }
      return document;
    } catch (error) {
      if (write.isTaken) {
        return undefined;
      }
      if (write.dryRun === undefined) {
        throw error;
      }
      untag(write.dryRun);
      return { _id, _source: write.dryRun, _version: 0 };
    }
  };

  return {
    create,
    dryRun: async (update, conditional) => {
      const write = new ConditionalWrite(way, conditional, true);
      try {
        await run(update, write);
      } catch (error) {
        if (write.dryRun === undefined) {
          throw error;
        }
        untag(write.dryRun);
        return write.dryRun;
      }
      throw lost(update);
    },
    write: (update, onStored) =>
      run(update, plainWrite(update.options.retryOnConflict, onStored)),
    writeIf: async (update, conditional) => {
      const write = new ConditionalWrite(way, conditional);
      const answer = await run(update, write);
      if (!write.isStored) {
        throw lost(update);
      }

      return answer;
    },
    writeNatively,
  };
}

/**
 * Returns options as arguments of the SDK. In a request of an HTTP client, a flag is set if it is there,
 * whatever its value.
 *
 * The SDK's type does not allow an invalid `refresh` or `retryOnConflict`, which Kuzzle has to refuse.
 */
function asArguments(options: UpdateOptions): ArgsDocumentControllerUpdate {
  return {
    ...options,
    silent: options.silent || undefined,
    source: options.source || undefined,
  } as unknown as ArgsDocumentControllerUpdate;
}

/** Makes the error for an update that Kuzzle stored without passing on its tag, and so without its condition. */
function lost({ _id, collection, index }: UpdateArguments): Error {
  return pluginError("condition_lost", index, collection, _id);
}
