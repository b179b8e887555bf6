import type { JSONObject } from "kuzzle-sdk";

import { REFUSAL } from "../application/refusal";
import type { Difference } from "./differences";

/**
 * The ways that an update can take.
 *
 * - `action`: the plugin's own action, alone
 * - `interception`: native `document:update` under `interceptNative`, alone
 * - `nativeBatched`: the same, while other documents of the collection are updated
 * - `nativeUnheard`: the same, where nothing listens to events either
 * - `batched`: the action, while other documents of the collection are updated
 * - `unheard`: the same where nothing listens to events
 * - `folded`: the action in a collection that `fold` names
 * - `single`: the action under `batchWrites: false`
 */
export const ways = [
  "action",
  "interception",
  "batched",
  "unheard",
  "folded",
  "single",
  "nativeBatched",
  "nativeUnheard",
] as const;

export type Way = (typeof ways)[number];

/** Ways by the plugin's own action. */
const ACTIONS = ["action", "batched", "unheard", "folded", "single"] as const;
/** Those of them that are taken where something listens to events. */
const HEARD_ACTIONS = ["action", "batched", "single"] as const;

/** A difference from native that cannot be avoided: a row of the table in docs/promises.md. */
export interface KnownDifference {
  /** Ways in which it is met. */
  readonly by: readonly Way[];
  /** Its cases never reach storage, and are not played by the ways that differ beneath that alone. */
  readonly isBeforeStorage?: boolean;
  /** It is met before Kuzzle 2.49 alone. */
  readonly isOfOldKuzzle?: boolean;
  /** Major version of Elasticsearch with which alone it is met. */
  readonly onVersion?: number;
  readonly where: string;
  readonly native: string;
  readonly plugin: string;
  readonly reason: string;
  /** @param all the differences of the same case */
  readonly matches: (
    difference: Difference,
    all: readonly Difference[],
  ) => boolean;
}

const REFUSED = "events/services:storage:error/documents/request";
const METADATA = "events/generic:document:injectMetadata/request";

export const knownDifferences: readonly KnownDifference[] = [
  {
    by: ACTIONS,
    matches: ({ native, path, plugin }) =>
      path === "answer/body/controller" &&
      native === "document" &&
      plugin === "document-update",
    native: "`document`",
    plugin: "`document-update`",
    reason: "It is another controller.",
    where: "`controller` of the answer",
  },
  {
    by: HEARD_ACTIONS,
    matches: ({ native, path, plugin }) =>
      /^events\/[^/]+\/request\/connection\/(path|url)$/.test(path) &&
      plugin === `/_/document-update${String(native)}`,
    native: "the native path",
    plugin: "`/_/document-update` before the same path",
    reason: "It is the path that the client requested.",
    where: "`context.connection.misc.path` and `url` of a request over HTTP",
  },
  {
    by: ways,
    // Where something listens, the same header is in what the events after the action tell.
    matches: ({ native, path, plugin }) =>
      /^(answer\/headers\/etag|events\/[^/]+\/request\/headers\/ETag)$/.test(
        path,
      ) &&
      native === undefined &&
      /^"[1-9]\d*"$/.test(String(plugin)),
    native: "no header `ETag`",
    plugin: '`ETag: "<version>"`, over HTTP, in the answer to `PATCH`',
    reason:
      "Clients send it back in `If-Match`: [conditional changes](api/update.md#if-match-and-etag).",
    where: "headers of the answer to an update that was stored",
  },
  {
    by: HEARD_ACTIONS,
    matches: ({ native, path, plugin }) => {
      const [property = "", name = ""] = path.startsWith(`${METADATA}/`)
        ? path.slice(METADATA.length + 1).split(/\/(.*)/)
        : [];
      switch (property) {
        case "deprecations":
        case "headers":
        case "raw":
        case "result":
        case "status":
          // What pipes, or Kuzzle, had told the client's request of its answer.
          return true;
        case "input":
          return isOfDelegatedInput(name, native, plugin);
        default:
          return false;
      }
    },
    native: "the request of the client",
    plugin:
      "the request that the embedded SDK makes, with the client's connection, token and user: same id, timestamp, target, body, `volatile` and options, but no `jwt`, no unknown arguments, and nothing of a response",
    reason:
      "Native `document:update` fires this event with the request that it gets, which here is the embedded SDK's.",
    where: "`request` in the payload of `generic:document:injectMetadata`",
  },
  {
    by: ways,
    matches: ({ native, path, plugin }, all) => {
      const property = path.startsWith(`${REFUSED}/`)
        ? path.slice(REFUSED.length + 1)
        : "";
      const isBatch = all.some(
        (each) =>
          each.path === `${REFUSED}/path` &&
          each.plugin ===
            String(each.native).replace(/\/_update\/[^/]+$/, "/_bulk"),
      );
      return isBatch
        ? property === "path" ||
            (property === "body" && plugin === null) ||
            (property === "querystring" && plugin === "refresh=false")
        : property === "querystring" &&
            String(plugin).replace(/&require_alias=true$/, "") ===
              String(native).replace(
                "retry_on_conflict=0",
                "retry_on_conflict=10",
              );
    },
    native: "the update as Kuzzle asked for it",
    plugin:
      "the request that was sent: with the configured `retryOnConflict` if the client gave none, and with `require_alias` (but for `single`); or `_bulk`, without its body",
    reason:
      "The hook hears of the request that storage has refused. The body of a batch has the changes of other clients.",
    where: "the request in the payload of `services:storage:error`",
  },
  {
    by: ways,
    matches: ({ path }, all) =>
      path.startsWith("answer/") &&
      all.some(
        ({ native, path: each, plugin }) =>
          each === "answer/body/error" &&
          plugin === null &&
          String((native as Error | null)?.message).includes(
            "version conflict",
          ),
      ),
    native: "most get a 500 `services.storage.unexpected_error`",
    plugin:
      "stored, one after another. If other writers, such as another node, keep changing the document for longer than `maxWait`: 409 `plugin.document-update.version_conflict`",
    reason: "No update is lost: [conflicts](#conflicts-with-other-writers).",
    where: "updates of one document at the same time",
  },
  {
    by: ["unheard", "folded", "nativeUnheard"],
    matches: ({ path }) => path.startsWith("stored/*/unread/"),
    // The client of version 8 reads them.
    onVersion: 7,
    native: "an error; nothing is stored",
    plugin: "the same error; the update is stored",
    reason:
      "If nothing listens to events, and there is no specification, the document is not read before the update.",
    where:
      "a document with fields that Kuzzle's client of Elasticsearch 7 refuses to read, such as `__proto__`",
  },
  {
    by: ways.filter((way) => way !== "single"),
    matches: ({ path }, all) =>
      /^(answer|events)\//.test(path) &&
      all.some(
        ({ native, path: each, plugin }) =>
          each === "answer/body/error" &&
          native === null &&
          (plugin as JSONObject)["message"] === REFUSAL,
      ),
    native: "each update is a request of its own",
    plugin:
      "the updates in one request hang or fail together, and so do the reads in one, for up to 5 s; updates of other documents go on after 100 ms, those of other collections at once",
    reason:
      "Updates that come at the same time are sent in [batches](#batches).",
    where: "a request to storage that hangs, or fails as a whole",
  },
  {
    by: HEARD_ACTIONS,
    matches: ({ path }) =>
      /^events\/request:on\w+\/request\/(input|deprecations)(\/|$)/.test(path),
    native:
      "a `document:update`; or the request that a pipe returned in its place",
    plugin: "a `document-update:update`",
    reason: "These events have the client's own request.",
    where: "request in the events `request:*`",
  },
  {
    by: HEARD_ACTIONS,
    isOfOldKuzzle: true,
    matches: ({ path, plugin }) =>
      /^events\/(generic:)?document:afterUpdate\/request\/input\/body\//.test(
        path,
      ) && plugin === undefined,
    native:
      "with Kuzzle before 2.49, `_source` of the result: what a pipe adds to one is in the other",
    plugin: "the changes alone",
    reason: "The plugin stores, and answers with, a copy of the body.",
    where: "`body` of the request in the events after the action",
  },
  {
    by: HEARD_ACTIONS,
    matches: ({ path, plugin }, all) =>
      path === "events/added" &&
      plugin === "request:onSuccess" &&
      all.every(({ path: each }) => each !== "answer/body/error"),
    native: "fires none",
    plugin: "fires `request:onSuccess`",
    reason: "For Kuzzle, the plugin's action has succeeded.",
    where: "an error from which a pipe of `document:errorUpdate` recovered",
  },
  {
    by: HEARD_ACTIONS,
    isBeforeStorage: true,
    matches: ({ native, path }) =>
      path === "events/missing" && native === "document:errorUpdate",
    native: "fires `document:errorUpdate`",
    plugin: "fires `document-update:errorUpdate`",
    reason: "The plugin's action was never reached.",
    where:
      "a request that Kuzzle refuses before its action, for example from an incompatible SDK",
  },
  {
    by: HEARD_ACTIONS,
    isBeforeStorage: true,
    matches: ({ path, plugin }, all) =>
      path === "events/added" &&
      /^request:on(Authorized|Execution|Error)$/.test(String(plugin)) &&
      all.some(
        ({ path: each, plugin: event }) =>
          each === "events/added" && event === "request:onAuthorized",
      ),
    native: "fires `request:onUnauthorized` alone",
    plugin:
      "also fires `request:onAuthorized` and `request:onExecution` before, and `request:onError` after",
    reason: "Kuzzle itself has granted the right on the plugin's own action.",
    where:
      "a caller with the right on `document-update:update`, but not on `document:update`",
  },
  {
    by: HEARD_ACTIONS,
    matches: ({ path }, all) =>
      /^(answer\/(status|body\/(error|status)(\/|$))|order\/|events\/)/.test(
        path,
      ) &&
      all.some(
        ({ path: each, plugin }) =>
          each === "answer/body/error/id" &&
          plugin === "plugin.document-update.invalid_pipe_result",
      ),
    native:
      "an error 500 without an id, from inside Kuzzle; no `document:errorUpdate`",
    plugin:
      "`plugin.document-update.invalid_pipe_result`, which names the event",
    reason:
      "Natively, Kuzzle fails on what the pipe returned, and the error does not name the pipe's event.",
    where: "a pipe on an event `document:*` that returns no request",
  },
];

/** The input of the delegated request: what the action knows, and what the embedded SDK adds. */
function isOfDelegatedInput(
  name: string,
  native: unknown,
  plugin: unknown,
): boolean {
  const [property = "", argument = ""] = name.split(/\/(.*)/);
  switch (property) {
    case "args":
      return (
        !["_id", "index", "collection", "requestId"].includes(argument) &&
        (plugin === undefined ||
          argument === "timestamp" ||
          (["silent", "source"].includes(argument) &&
            (native ?? null) === null))
      );
    case "jwt":
      return plugin === null || plugin === undefined;
    default:
      return false;
  }
}
