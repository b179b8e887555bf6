import { type JSONObject, Plugin, type PluginContext } from "kuzzle";

import { ChangeWriter } from "../change/ChangeWriter";
import { Conditions } from "../change/conditions";
import { guardsOf } from "../change/guards";
import { RequestKeys } from "../change/RequestKeys";
import { Turns } from "../change/Turns";
import { manifest } from "../errors";
import { nodeIdOf, writeLimitOf } from "../kuzzle/application";
import { KuzzleInside, type UntaggedWrites } from "../kuzzle/KuzzleInside";
import { PublicClient } from "../kuzzle/PublicClient";
import type { Read } from "../kuzzle/WriteTag";
import { readDocument } from "../kuzzle/readDocument";
import { readSources } from "../kuzzle/readSources";
import { API_EVENTS } from "../request/apiEvents";
import { OwnUpdateRequest } from "../request/documentUpdateRequest";
import { modifyAction } from "../request/modifyAction";
import { nativeGuards } from "../request/nativeGuards";
import {
  interceptNativeUpdate,
  isNativeUpdate,
} from "../request/nativeInterception";
import { nativeRightCheck } from "../request/rights";
import { statsAction } from "../request/statsAction";
import { type CollectionRules, updateAction } from "../request/updateAction";
import { UpdateStatistics } from "../statistics/UpdateStatistics";
import { BatchedStorage } from "../storage/BatchedStorage";
import { drain } from "../storage/drain";
import { sendNatively } from "../storage/sendBulk";
import { writeWay } from "../storage/writeWay";
import { CollectionMappings } from "../write/CollectionMappings";
import { collectionMatcher } from "../write/collectionPattern";
import { delegateTo } from "../write/delegateUpdate";
import { foldRules } from "../write/foldRules";
import { updateWriter } from "../write/updateWriter";
import { apiDefinition } from "./apiDefinition";
import { readConfiguration } from "./configuration";
import { requestKeyLimits } from "./requestKeyLimits";

/**
 * How long the shutdown of an application waits, in ms, in addition to `maxWait`, for updates that
 * server code made: Kuzzle itself does not wait for those.
 */
const SHUTDOWN_TIME = 5_000;

/**
 * Adds a controller to a Kuzzle application. Its action `update` is native `document:update`, delegated
 * to the embedded SDK with its events, rights and identity. Its action `modify` changes a document by
 * operators, or on a condition.
 *
 * @example
 * app.plugin.use(new DocumentUpdatePlugin());
 */
export class DocumentUpdatePlugin extends Plugin {
  constructor() {
    super({ kuzzleVersion: manifest.kuzzleVersion });
  }

  /**
   * Called by Kuzzle, once, before the application starts.
   *
   * @throws plugin.document-update.invalid_configuration
   */
  init(config: JSONObject, context: PluginContext): void {
    const configuration = readConfiguration(config);
    const { batchWrites, checkRights, controller, interceptNative } =
      configuration;
    const { sdk } = context.accessors;
    const warn = (message: string) => context.log.warn(message);
    const statistics = new UpdateStatistics();

    const storage = new BatchedStorage((size) =>
      statistics.batches.record(size),
    );
    const turns = new Turns(configuration);
    const inside = new KuzzleInside(
      sdk,
      untaggedWrites(turns, storage, batchWrites === "application", warn),
    );
    const {
      funnelOrder,
      koncordeFilters,
      listeners,
      profilesRead,
      specifications,
    } = inside;

    const way = writeWay(inside, storage, batchWrites !== false, warn);
    const delegate = delegateTo(
      inside.impersonation,
      way,
      configuration.retryOnConflict,
      statistics,
    );
    const folding = foldRules(
      configuration.fold,
      specifications,
      way.isMetadataEventHeard,
      new CollectionMappings(sdk),
      () => inside.impersonation.isTrusted,
    );
    const { lanes, write } = updateWriter(
      (update) => turns.shared(update, () => delegate.write(update)),
      folding,
      configuration,
      statistics,
    );

    const changeWriter = new ChangeWriter(
      delegate,
      (target) => readDocument(sdk, target, way.read),
      turns,
      folding,
      configuration.maxWait,
      statistics,
    );
    const isSkipping = collectionMatcher(configuration.skipUnchanged);
    const rules: CollectionRules = {
      guardsOf: guardsOf(configuration.guards),
      needsField: (...field) => specifications.need(...field),
      // The client did not ask for this: if it cannot be done safely, the update is simply written.
      skips: (index, collection) =>
        way.canBeConditional() && isSkipping(index, collection),
    };
    const checkRight = checkRights ? nativeRightCheck(profilesRead) : undefined;

    this.config = config;
    this.context = context;
    this.api = apiDefinition(controller, {
      modify: modifyAction(
        changeWriter,
        new Conditions(() => koncordeFilters.Koncorde),
        new RequestKeys(sdk.ms, requestKeyLimits(configuration)),
        rules,
        folding.isQueued,
        checkRight,
        statistics,
      ),
      stats: statsAction(nodeIdOf(context), statistics, lanes),
      update: updateAction(
        write,
        changeWriter,
        rules,
        checkRight,
        listeners.hearing(...API_EVENTS),
        statistics,
      ),
    });
    // Hooks and pipes cost Kuzzle time at every request, native ones too: only those that the
    // configuration needs are registered.
    this.hooks = { ...listeners.hooks, ...(checkRights && profilesRead.hooks) };
    this.pipes = {
      ...listeners.pipes,
      "kuzzle:shutdown": async () => {
        const isIdle = () => statistics.underWay === 0 && storage.isIdle;
        if (!(await drain(isIdle, configuration.maxWait + SHUTDOWN_TIME))) {
          warn(
            "The application shuts down while updates are still under way. Those that its own code made may be lost.",
          );
        }
      },
      // Kuzzle serves requests at this moment already, but none for this plugin until the pipe has
      // ended.
      "kuzzle:state:ready": () =>
        inside.verify(
          [
            ...(checkRights ? [profilesRead] : []),
            ...(interceptNative ? [funnelOrder] : []),
          ],
          warn,
        ),
    };
    const interception = interceptNative
      ? interceptNativeUpdate(controller, funnelOrder, interceptNative)
      : undefined;
    Object.assign(this.hooks, interception?.hooks);
    Object.assign(this.pipes, interception?.pipes);
    if (Object.keys(configuration.guards).length > 0) {
      const pipes = nativeGuards(
        rules.guardsOf,
        // The plugin's own actions check the guards themselves.
        (request) =>
          request instanceof OwnUpdateRequest ||
          interception?.takes(request) === true,
        (...documents) => readSources(sdk, ...documents),
        writeLimitOf(context),
      );
      Object.assign(this.pipes, pipes);
      listeners.leaveOut(Object.keys(pipes));
    }
  }
}

/** Handlers for the updates that Kuzzle makes without the plugin, such as native ones. */
function untaggedWrites(
  turns: Turns,
  storage: BatchedStorage,
  isBatching: boolean,
  warn: (message: string) => void,
): UntaggedWrites {
  const publicClient = new PublicClient(warn);
  const read: Read = (call) => storage.read(call);

  return {
    read: (request) =>
      isBatching && isNativeUpdate(request) ? read : undefined,
    update: (call) => {
      turns.onForeignWrite(call.params["index"], call.params["id"]);
      return isBatching && publicClient.asks(call)
        ? storage.store(call, sendNatively)
        : undefined;
    },
  };
}
