import { setTimeout } from "node:timers/promises";

import {
  type JSONObject,
  type KDocument,
  type KDocumentContentGeneric,
  type KuzzleRequest,
  Plugin,
  type PluginContext,
} from "kuzzle";

import type {
  ApiDocumentModifyResult,
  DocumentChange,
  UpdateWithOptions,
} from "../api";
import { ChangeWriter } from "../change/ChangeWriter";
import { guardsOf } from "../change/guards";
import { manifest, pluginError } from "../errors";
import { nativeRightCheck, ProfilesRead } from "../request/rights";
import { Seams } from "../kuzzle/Seams";
import { collectionMatcher, collectionOf } from "../kuzzle/collections";
import { nodeIdOf, pluginNames, writeLimitOf } from "../kuzzle/application";
import { prepareJwtKey } from "../kuzzle/jwtKey";
import { ArrivalOrder } from "../request/ArrivalOrder";
import { API_EVENTS } from "../request/apiEvents";
import { nativeGuards } from "../request/guards";
import { interceptedBy, interceptNativeUpdate } from "../request/interception";
import { modifyAction, payloadOf } from "../request/modifyAction";
import { isView } from "../request/nativeRequest";
import { RequestKeys } from "../request/requestKeys";
import { statsAction } from "../request/statsAction";
import {
  type ActionTools,
  type CollectionRules,
  updateAction,
  updateStore,
} from "../request/updateAction";
import { type UpdateWith, updateWith } from "../request/updateWith";
import { UpdateStatistics } from "../statistics/UpdateStatistics";
import { BatchedStorage } from "../storage/BatchedStorage";
import { readDocument, readSources } from "../storage/readDocuments";
import { writeWay } from "../storage/PluginWrite";
import { DocumentQueues } from "../write/DocumentQueues";
import { delegateTo } from "../write/delegateUpdate";
import { foldRule } from "../write/fold";
import { foldedUpdates } from "../write/foldedUpdates";
import { nativeUpdates, plainUpdates } from "../write/plainUpdates";
import {
  type CompleteConfiguration,
  readConfiguration,
  requireOwnName,
} from "./configuration";
import { apiDefinition } from "./openapi";

/**
 * How long the shutdown of an application waits, in ms, in addition to `maxWait`, for updates that
 * server code made: Kuzzle itself does not wait for those.
 */
const SHUTDOWN_TIME = 5_000;
/** How often it looks for them, in ms. */
const SHUTDOWN_STEP = 20;

/** What every instance has, also one of another copy of this package. */
const MARK = Symbol.for("kuzzle-plugin-document-update");

/**
 * Adds a controller to a Kuzzle application. Its action `update` is native `document:update`, delegated
 * to the embedded SDK with its events, rights and identity. Its action `modify` changes a document by
 * operators, or on a condition.
 *
 * @example
 * app.plugin.use(new DocumentUpdatePlugin());
 */
export class DocumentUpdatePlugin extends Plugin {
  readonly [MARK] = true;
  #updateWith: UpdateWith | undefined;

  constructor() {
    super({ kuzzleVersion: manifest.kuzzleVersion });
  }

  /**
   * Updates a document by what a function makes of it, for code of the same process. The function runs in
   * the document's turn: no other update of the plugin on this node comes between. What it returns is stored
   * only if the document is still the same; else it is called again. It must return within 2 s.
   *
   * @example
   * await documentUpdate.updateWith("nyc-open-data", "yellow-taxi", "liia", ({ _source }) => ({
   *   stops: _source.stops.filter(({ isOver }) => !isOver),
   * }));
   *
   * @param change is given a copy of the stored document. It returns partial changes; a modification, as
   * the body of `modify`, with `changes`, `operators` or `steps`; or undefined to leave the document
   * @returns undefined if `change` returned undefined
   * @throws what `change` throws; plugin.document-update.timed_out if it takes too long; the errors of
   * `modify`
   */
  updateWith<
    TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
  >(
    index: string,
    collection: string,
    _id: string,
    change: (
      document: KDocument<TContent>,
    ) => DocumentChange<TContent> | Promise<DocumentChange<TContent>>,
    options: UpdateWithOptions = {},
  ): Promise<ApiDocumentModifyResult<TContent> | undefined> {
    if (!this.#updateWith) {
      return Promise.reject(new Error("The application has not been started."));
    }

    return this.#updateWith(
      { _id, collection, index },
      change,
      options,
    ) as Promise<ApiDocumentModifyResult<TContent> | undefined>;
  }

  /**
   * Called by Kuzzle, once, before the application starts. A mistake of the application is thrown when
   * Kuzzle then reads `api`: what `init` throws, Kuzzle wraps in an error that blames the plugin.
   */
  init(config: JSONObject, context: PluginContext): void {
    let configuration: CompleteConfiguration;
    try {
      configuration = configurationOf(config, context);
    } catch (error) {
      const get = () => {
        throw error;
      };
      Object.defineProperty(this, "api", { get });
      return;
    }
    const { batchWrites, checkRights, controller, interceptNative } =
      configuration;
    const { sdk } = context.accessors;
    const warn = (message: string) => context.log.warn(message);
    const statistics = new UpdateStatistics();

    const storage = new BatchedStorage((size) =>
      statistics.batches.record(size),
    );
    const queues = new DocumentQueues(configuration);
    const seams = new Seams(({ id, index }) => {
      const target = collectionOf(index);
      if (target) {
        queues.onForeignWrite({ ...target, _id: String(id) });
      }
    });
    const profilesRead = new ProfilesRead();

    const way = writeWay(seams, storage, batchWrites);
    const delegate = delegateTo(
      sdk,
      way,
      configuration.retryOnConflict,
      statistics,
    );
    const { maxWait } = configuration;
    const isSpecified = (...of: [string, string]) => seams.isSpecified(...of);
    const isQueued = foldRule(
      configuration.fold,
      isSpecified,
      way.isMetadataEventHeard,
    );
    const plain = {
      delegate,
      isBatching: batchWrites,
      isMetadataEventHeard: way.isMetadataEventHeard,
      isSpecified,
      maxWait,
      queues,
      statistics,
    };
    const writePlainly = plainUpdates(plain);
    const fold = foldedUpdates({
      maxWait,
      queues,
      statistics,
      write: delegate.write,
    });
    const changeWriter = new ChangeWriter({
      delegate,
      maxWait,
      queues,
      read: (target) => readDocument(sdk, seams.version, target, way.read),
      statistics,
    });
    const isSkipping = collectionMatcher(configuration.skipUnchanged);
    const rules: CollectionRules = {
      guardsOf: guardsOf(configuration.guards),
      needsField: (...field) => seams.isFieldNeeded(...field),
      // The client did not ask for this: if it cannot be done safely, the update is simply written.
      skips: (index, collection) =>
        seams.isTrusted && isSkipping(index, collection),
    };
    const store = updateStore(
      (update) => (isQueued(update) ? fold(update) : writePlainly(update)),
      changeWriter,
      rules,
    );
    const isIntercepted = interceptedBy(interceptNative);
    const guardPipes =
      Object.keys(configuration.guards).length === 0
        ? {}
        : nativeGuards(
            rules.guardsOf,
            // The plugin's own actions check the guards themselves.
            (request) =>
              isView(request) ||
              (request.input.action === "update" && isIntercepted(request)),
            (...documents) => readSources(sdk, seams.version, ...documents),
            writeLimitOf(context),
          );

    const arrivalOrder = new ArrivalOrder();
    const keys = new RequestKeys(sdk.ms, maxWait, configuration.requestKeyTtl);
    const tools: ActionTools = {
      areApiEventsHeard: seams.hearing(API_EVENTS, Object.keys(guardPipes)),
      arrivalOrder,
      checkRights,
      isAllowed: nativeRightCheck(profilesRead),
      isQueued,
      keys,
      rules,
      statistics,
      store,
      writer: changeWriter,
    };
    const updateNatively = nativeUpdates(plain);
    seams.install(
      interceptNative
        ? interceptNativeUpdate({
            ...tools,
            controller,
            isIntercepted,
            updateNatively,
          })
        : undefined,
    );

    this.#updateWith = updateWith(tools);
    this.config = config;
    this.context = context;
    this.api = apiDefinition(controller, {
      modify: modifyAction(tools),
      stats: statsAction(nodeIdOf(context), statistics, queues),
      update: updateAction(tools),
    });
    // Hooks and pipes cost Kuzzle time at every request, native ones too: only those that the
    // configuration needs are registered.
    this.hooks = {
      ...(checkRights && profilesRead.hooks),
      // Not a pipe on the event before the action: that would hold modifications up, and updates that
      // were sent after them would be stored before them.
      "request:onExecution": (request: KuzzleRequest) => {
        const { action } = request.input;
        const isOwn = request.input.controller === controller;
        const isNative =
          request.input.controller === "document" && action === "update";
        if (isOwn || (isNative && isIntercepted(request))) {
          arrivalOrder.note(request);
        }
        if (isOwn && action === "modify") {
          keys.note(request, () => payloadOf(request));
        }
      },
      "request:afterExecution": ({ request }: { request: KuzzleRequest }) =>
        arrivalOrder.leave(request),
    };
    const warnOf = (missing: readonly string[]) =>
      warn(
        `This Kuzzle is not as expected, and the plugin does without: ${missing.join(", ")}. ${WITHOUT_SEAMS}`,
      );
    let putBackKey: (() => void) | undefined;
    this.pipes = {
      ...guardPipes,
      "kuzzle:shutdown": async () => {
        putBackKey?.();
        const end = performance.now() + maxWait + SHUTDOWN_TIME;
        while (statistics.underWay > 0) {
          if (performance.now() >= end) {
            warn(
              "The application shuts down while updates are still under way. Those that its own code made may be lost.",
            );
            return;
          }
          await setTimeout(SHUTDOWN_STEP);
        }
      },
      // Before Kuzzle listens to clients.
      "kuzzle:state:live": async () => {
        const missing = await seams.verify(warnOf);
        if (missing.length > 0) {
          requireNothingOf(configuration, missing);
          warnOf(missing);
        }
        if (configuration.prepareJwtKey) {
          putBackKey = prepareJwtKey();
        }
        const isBatched = batchWrites && missing.length === 0;
        context.log.info(inForce(configuration, isBatched, !!putBackKey));
      },
    };
  }
}

/**
 * Reads the configuration of the one instance of the plugin: two would replace the same methods of Kuzzle.
 *
 * @throws plugin.document-update.invalid_configuration, plugin.document-update.several_instances
 */
function configurationOf(
  config: JSONObject,
  context: PluginContext,
): CompleteConfiguration {
  const names = pluginNames(MARK);
  if (names.length > 1) {
    throw pluginError("several_instances", names.join(", "));
  }
  const [name = manifest.name] = names;
  requireOwnName(context.config["plugins"], pluginNames(), name);

  return readConfiguration(config, name);
}

/** Says in a line of the log what the plugin does in this application. */
function inForce(
  { fold, guards, interceptNative }: CompleteConfiguration,
  isBatched: boolean,
  isKeyPrepared: boolean,
): string {
  const listed = (patterns: readonly string[]) => patterns.join(", ") || "none";
  const yesOrNo = (is: boolean) => (is ? "yes" : "no");
  const intercepted =
    interceptNative === true ? "all" : listed(interceptNative || []);

  return [
    `In force: native updates intercepted: ${intercepted}`,
    `folded: ${listed(fold)}`,
    `guarded: ${listed(Object.keys(guards))}`,
    `batched: ${yesOrNo(isBatched)}`,
    `token key prepared: ${yesOrNo(isKeyPrepared)}`,
  ].join("; ");
}

/** Consequence, for the warning, if Kuzzle is not as expected. */
const WITHOUT_SEAMS =
  "Updates are stored one by one, those on a condition are refused, the patterns of `skipUnchanged` are not applied, and `guards` refuse updates that they would have to read the document for.";

/**
 * Checks that the configuration asks for nothing that cannot be done without Kuzzle's seams.
 *
 * @throws plugin.document-update.unsupported_kuzzle
 */
function requireNothingOf(
  { fold, guards, interceptNative }: CompleteConfiguration,
  missing: readonly string[],
): void {
  const asked = [
    ...(interceptNative ? ["interceptNative"] : []),
    ...(fold.length > 0 ? ["fold"] : []),
    ...(Object.keys(guards).length > 0 ? ["guards"] : []),
  ];
  if (asked.length > 0) {
    throw pluginError(
      "unsupported_kuzzle",
      asked.join(", "),
      missing.join(", "),
    );
  }
}
