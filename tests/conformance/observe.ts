import type { JSONObject } from "kuzzle-sdk";

import { OBSERVED, type SeenEvent } from "../application/probe";
import type { PipelinedSocket } from "../support/PipelinedSocket";
import type {
  ApiAnswer,
  ApiClient,
  ApiRequest,
  Target,
} from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import type { WebSocketClient } from "../support/WebSocketClient";
import { type Company, isCompanion } from "./company";
import {
  type CollectionName,
  type ConformanceCase,
  startingDocument,
} from "./ConformanceCase";
import { fillIn, mask, orderOf } from "./mask";
import { readPastKuzzle, storePastKuzzle } from "./setStage";

/** All that a client, a subscriber, a listener of events and storage can tell of one update. */
export interface Observation {
  readonly answer: ApiAnswer | { readonly none: string };
  /** Paths of the properties of the answer's body in the order in which they came; headers have none. */
  readonly order: readonly string[];
  readonly stored: readonly JSONObject[];
  readonly notifications: readonly JSONObject[];
  readonly events: readonly SeenEvent[];
}

/** What the cases play on: an application with its collections, callers and a subscriber. */
export interface Stage {
  readonly application: TestApplication;
  readonly subscriber: WebSocketClient;
  readonly index: string;
  /** Real names of the collections. */
  readonly collections: Readonly<Record<string, string>>;
  /** Tokens of the callers who are logged in. */
  readonly tokens: Readonly<Record<"author" | "outsider", string>>;
  readonly company: Company;
  /** For requests that are sent at once. */
  readonly socket: PipelinedSocket;
  /** Rooms of the subscriber, by the real names of the collections. */
  readonly rooms: Readonly<Record<string, string>>;
  /** Documents of cases that are stored by now. */
  readonly prepared: Map<ConformanceCase, Ids[]>;
}

/** What Kuzzle fires when storage has answered an error. */
export const STORAGE_ERROR = "services:storage:error";

/** Documents in one request: Kuzzle takes 1 MB. */
const IN_BULK = 400;

let counter = 0;

/** Who sends an update, by which client, to which action. */
export interface Sender {
  readonly client: ApiClient;
  /** Whose `update` is called. */
  readonly controller: string;
  /** Whether others update documents of the same collection at the same moment. */
  readonly isInCompany?: boolean;
  /** Whether nothing listens to events, and no pipes react. */
  readonly isUnheard?: boolean;
}

/** Plays a case on a stage and returns all that can be seen, with what must differ named alike. */
export async function observe(
  all: Stage,
  { client, controller, isInCompany = false, isUnheard = false }: Sender,
  each: ConformanceCase,
): Promise<Observation> {
  const { company, subscriber } = all;
  const target = targetOf(all, each);
  const room = each.filter && (await subscribe(all, target, each.filter));
  const ids = await takeDocuments(all, each);
  const requestId = OBSERVED + ids.ID;
  if (each.pipes || isUnheard) {
    await arm(all, requestId, isUnheard, fillIn(each.pipes ?? {}, ids));
  }

  const sent: ApiRequest = {
    ...requestOf(all, each, ids, controller),
    requestId,
    ...(fillIn(each.request ?? {}, ids) as ApiRequest),
  };
  const others = isInCompany ? company.join(sent) : undefined;
  const answer = await client
    .send(sent)
    .catch((error: Error) => ({ none: error.message }));
  others?.leave();

  // The subscriber asks: its connection is served in order, and what it was notified of has come.
  const { events, stored } = await collect(all, each, ids, requestId);
  const notifications = subscriber.notifications
    .splice(0)
    .filter(({ result }) => !isCompanion(result["_id"]));
  if (room !== undefined) {
    const body = { roomId: room };
    const request = { action: "unsubscribe", body, controller: "realtime" };
    await subscriber.call(request);
  }
  const observation = {
    answer,
    events,
    notifications,
    order: "body" in answer ? orderOf(answer.body) : [],
    stored,
  };

  return mask(observation, [
    ...namesOf(all, ids),
    [String(all.rooms[target.collection]), "ROOM"],
    ...(room === undefined ? [] : ([[room, "ITS OWN ROOM"]] as const)),
  ]);
}

/** Subscribes to a collection, and tells the room. */
export async function subscribe(
  { subscriber }: Pick<Stage, "subscriber">,
  target: Target,
  filter: JSONObject,
): Promise<string> {
  const { roomId } = await subscriber.call({
    ...target,
    action: "subscribe",
    body: filter,
    controller: "realtime",
  });

  return String(roomId);
}

/** Has pipes react to a request, or nothing listen to its events. */
export async function arm(
  { application }: Stage,
  requestId: string,
  isUnheard: boolean,
  pipes: unknown = {},
): Promise<void> {
  await application.stage.call({
    action: "arm",
    args: { target: requestId, unheard: isUnheard },
    body: pipes,
    controller: "probe",
  });
}

/** Collects the events of a request and the documents of its case; after this, everything is heard again. */
export async function collect(
  all: Stage,
  each: ConformanceCase,
  ids: Ids,
  requestId: string,
): Promise<Pick<Observation, "events" | "stored">> {
  const target = targetOf(all, each);
  const { events, stored } = await all.subscriber.call({
    ...target,
    action: "observe",
    args: { target: requestId },
    body: { ids: Object.values(ids) },
    controller: "probe",
  });
  if (stored.successes) {
    const { errors, successes } = stored;
    return { events, stored: [...successes, { errors }] };
  }
  const unread = await readPastKuzzle(all.application, target, ids.ID);

  return { events, stored: [{ ...stored, unread }] };
}

/** Identifiers of the documents of a case, by their placeholders. */
export type Ids = Readonly<Record<"ID" | "OTHER", string>>;

function nextIds(): Ids {
  const number = String(++counter).padStart(6, "0");
  return { ID: `doc-${number}`, OTHER: `other-${number}` };
}

function targetOf(
  { collections, index }: Stage,
  { collection = "plain" }: ConformanceCase,
): Target {
  return { collection: String(collections[collection]), index };
}

/** The request of a case without what is its own. */
export function requestOf(
  all: Stage,
  each: ConformanceCase,
  { ID }: Ids,
  controller: string,
): ApiRequest {
  const { caller = "author" } = each;

  return {
    ...targetOf(all, each),
    _id: ID,
    action: "update",
    body: { state: "closed" },
    controller,
    ...(caller !== "anonymous" && { jwt: all.tokens[caller] }),
  };
}

/** Stores documents of many cases, each as often as it will be played. */
export async function prepareDocuments(
  all: Stage,
  plays: readonly (readonly [ConformanceCase, number])[],
): Promise<void> {
  const { application, collections, index, prepared, subscriber } = all;
  const inBulk: Partial<Record<CollectionName, JSONObject[]>> = {};
  const pastKuzzle: (readonly [Target, string, string])[] = [];
  for (const [each, times] of plays) {
    const { collection = "plain", document = startingDocument } = each;
    const target = targetOf(all, each);
    for (let time = 0; time < times; time++) {
      const ids = nextIds();
      prepared.set(each, [...(prepared.get(each) ?? []), ids]);
      for (const _id of document === null ? [] : Object.values(ids)) {
        if (collection === "piped") {
          pastKuzzle.push([target, _id, JSON.stringify(document)]);
        } else {
          (inBulk[collection] ??= []).push({ _id, body: document });
        }
      }
      if (each.storedPastKuzzle !== undefined) {
        pastKuzzle.push([target, ids.ID, each.storedPastKuzzle]);
      }
    }
  }
  for (const [collection, documents] of Object.entries(inBulk)) {
    while (documents.length > 0) {
      await application.stage.call({
        action: "mCreate",
        args: { strict: true },
        body: { documents: documents.splice(0, IN_BULK) },
        collection: collections[collection],
        controller: "document",
        index,
      });
    }
  }
  for (const [target, _id, json] of pastKuzzle) {
    await storePastKuzzle(application, target, _id, json);
  }
  // The creations are of no case.
  await subscriber.call({ action: "now", controller: "server" });
  subscriber.notifications.splice(0);
}

/** Takes the documents of one play of a case, which are stored now at the latest. */
export async function takeDocuments(
  all: Stage,
  each: ConformanceCase,
): Promise<Ids> {
  if (!all.prepared.get(each)?.length) {
    await prepareDocuments(all, [[each, 1]]);
  }
  return all.prepared.get(each)!.shift()!;
}

export function namesOf(
  { application, tokens }: Stage,
  ids: Ids,
): (readonly [string, string])[] {
  return [
    [ids.ID, "ID"],
    [ids.OTHER, "OTHER"],
    [tokens.author, "AUTHOR'S TOKEN"],
    [tokens.outsider, "OUTSIDER'S TOKEN"],
    [application.suffix, "SUFFIX"],
    [`127.0.0.1:${application.port}`, "HOST"],
  ];
}
