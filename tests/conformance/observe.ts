import assert from "node:assert/strict";

import type { JSONObject } from "kuzzle-sdk";

import type { SeenEvent } from "../application/probe";
import { HttpClient } from "../support/HttpClient";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type {
  ApiAnswer,
  ApiClient,
  ApiRequest,
  Target,
} from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import type { WebSocketClient } from "../support/WebSocketClient";
import { type Company, isCompanion } from "./company";
import { type ConformanceCase, startingDocument } from "./ConformanceCase";
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
}

/** Enough for some of them to meet. */
const AT_ONCE = 60;

let counter = 0;

/** Who sends an update, by which client, to which action. */
export interface Sender {
  readonly client: ApiClient;
  /** Whose `update` is called. */
  readonly controller: string;
  /** Whether others update documents of the same collection at the same moment. */
  readonly isInCompany?: boolean;
}

/** Plays a case on a stage and returns all that can be seen, with what must differ named alike. */
export async function observe(
  all: Stage,
  { client, controller, isInCompany = false }: Sender,
  each: ConformanceCase,
): Promise<Observation> {
  const { application, company, subscriber } = all;
  const { stage } = application;
  const { filter, pipes = {} } = each;
  const ids = nextIds();
  const fill = <T>(value: T): T => fillIn(value, ids) as T;
  const target = targetOf(all, each);
  await store(all, each, ids);
  const { roomId } = await subscriber.call({
    ...target,
    action: "subscribe",
    body: fill(filter ?? { ids: { values: ["ID", "OTHER"] } }),
    controller: "realtime",
  });
  const requestId = `request-${ids.ID}`;
  await stage.call({
    action: "arm",
    args: { target: requestId },
    body: fill({ ...pipes }),
    controller: "probe",
  });

  const sent: ApiRequest = {
    ...requestOf(all, each, ids, controller),
    requestId,
    ...fill(each.request ?? {}),
  };
  const others = isInCompany ? company.join(sent) : undefined;
  const answer = await client
    .send(sent)
    .catch((error: Error) => ({ none: error.message }));
  others?.leave();

  // A connection is served in order: what was notified before this answer has come when it does.
  await subscriber.call({ action: "now", controller: "server" });
  const notifications = subscriber.notifications
    .splice(0)
    .filter(({ result }) => !isCompanion(result["_id"]));
  await subscriber.call({
    action: "unsubscribe",
    body: { roomId },
    controller: "realtime",
  });
  const { events } = await stage
    .call({
      action: "collect",
      args: { target: requestId },
      controller: "probe",
    })
    .then((seen) => ({ events: seen as unknown as SeenEvent[] }));

  const stored = await storedNow(all, each, ids);
  const observation = {
    answer,
    events,
    notifications,
    order: "body" in answer ? orderOf(answer.body) : [],
    stored,
  };

  return mask(observation, [...namesOf(all, ids), [roomId, "ROOM"]]);
}

/** Identifiers of the documents of a case, by their placeholders. */
type Ids = Readonly<Record<"ID" | "OTHER", string>>;

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
function requestOf(
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

/** Stores the documents of a case as they are before the update. */
async function store(
  all: Stage,
  each: ConformanceCase,
  ids: Ids,
): Promise<void> {
  const { application } = all;
  const { document = startingDocument, storedPastKuzzle } = each;
  const target = targetOf(all, each);
  if (document !== null && each.collection === "piped") {
    for (const _id of Object.values(ids)) {
      const json = JSON.stringify(document);
      await storePastKuzzle(application, target, _id, json);
    }
  } else if (document !== null) {
    const documents = Object.values(ids).map((_id) => ({
      _id,
      body: document,
    }));
    await application.stage.call({
      ...target,
      action: "mCreate",
      args: { strict: true },
      body: { documents },
      controller: "document",
    });
  }
  if (storedPastKuzzle !== undefined) {
    await storePastKuzzle(application, target, ids.ID, storedPastKuzzle);
  }
}

async function storedNow(
  all: Stage,
  each: ConformanceCase,
  ids: Ids,
): Promise<readonly JSONObject[]> {
  const target = targetOf(all, each);
  const { body } = await all.application.stage.send({
    ...target,
    action: "mGet",
    body: { ids: Object.values(ids) },
    controller: "document",
  });
  const { errors, successes } = body["result"] ?? {};
  if (!body["error"]) {
    return [...successes, { errors }];
  }
  const { id, message } = body["error"];

  const unread = await readPastKuzzle(all.application, target, ids.ID);

  return [{ id, message, unread }];
}

function namesOf(
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

/** Updates one document many times at once, and returns the answer to one that lost, if any did. */
export async function observeContention(
  all: Stage,
  controller: string,
): Promise<Observation> {
  const client = new HttpClient(all.application.port);
  const each = { name: "contention" };
  const ids = nextIds();
  await store(all, each, ids);
  const sent = requestOf(all, each, ids, controller);

  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, count) =>
      client.send({ ...sent, body: { count }, requestId: "a request" }),
    ),
  );
  const [first] = answers;
  const seen = answers.find(({ status }) => status !== 200) ?? first;
  assert.ok(seen);

  return mask(answered(seen), namesOf(all, ids));
}

/**
 * Has storage refuse a request that an update is in, and returns what becomes of that one, and of one
 * of another document that came at the same moment.
 */
export async function observeRefusal(
  all: Stage,
  controller: string,
): Promise<Readonly<Record<"refused" | "neighbour", Observation>>> {
  const { stage } = all.application;
  const probe = (action: string, text: string) =>
    stage.call({ action, args: { text }, controller: "storage-probe" });
  const socket = await PipelinedSocket.connect(all.application.port);
  const each = { name: "refusal" };
  const [first, ids] = [nextIds(), nextIds()];
  await store(all, each, first);
  await store(all, each, ids);
  const sent = requestOf(all, each, ids, controller);
  const requestIdOf = (_id: string) => `request-${_id}`;
  const send = (_id: string) =>
    socket.send({ ...sent, _id, requestId: requestIdOf(_id) });
  const seen = async (_id: string, answer: ApiAnswer) => {
    const args = { target: requestIdOf(_id) };
    const events = (await stage.call({
      action: "collect",
      args,
      controller: "probe",
    })) as unknown as SeenEvent[];
    const told = events.filter(({ event }) => event === STORAGE_ERROR);
    return mask({ ...answered(answer), events: told }, namesOf(all, ids));
  };
  for (const target of Object.values(ids).map(requestIdOf)) {
    const args = { target };
    await stage.call({ action: "arm", args, body: {}, controller: "probe" });
  }

  // While a request is under way, those that come wait for each other.
  await probe("hold", first.ID);
  await probe("refuse", ids.ID);
  const before = send(first.ID);
  await probe("holding", first.ID);
  const [refused, neighbour] = await Promise.all([
    send(ids.ID),
    send(ids.OTHER),
  ]);
  await probe("release", first.ID);
  await probe("release", ids.ID);
  await before;
  await socket.close();

  return {
    neighbour: await seen(ids.OTHER, neighbour),
    refused: await seen(ids.ID, refused),
  };
}

/** What Kuzzle fires when storage has answered an error. */
export const STORAGE_ERROR = "services:storage:error";

/** An observation of an answer alone. */
function answered({ body, status }: ApiAnswer): Observation {
  return {
    answer: { body, ...(status !== undefined && { status }) },
    events: [],
    notifications: [],
    order: [],
    stored: [],
  };
}

/** What can be compared of updates of one document that may have been stored as one. */
export interface FoldObservation {
  readonly answers: readonly JSONObject[];
  readonly stored: readonly JSONObject[];
}

/** How many updates of its document come before that of a case. */
const BEFORE = 4;

/**
 * Plays a case with updates of the same document, by the same user, before it.
 *
 * @param atOnce whether they are sent without waiting for each other
 */
export async function observeFold(
  all: Stage,
  controller: string,
  each: ConformanceCase,
  atOnce: boolean,
): Promise<FoldObservation> {
  const socket = await PipelinedSocket.connect(all.application.port);
  const ids = nextIds();
  await store(all, each, ids);
  const own = fillIn(each.request ?? {}, ids) as ApiRequest;
  const sent = requestOf(all, each, ids, controller);
  const requests: ApiRequest[] = [
    ...Array.from({ length: BEFORE }, (_, count) => ({
      ...sent,
      body: { count },
      requestId: `before-${count}`,
    })),
    { ...sent, requestId: "observed", ...own },
  ];

  const answers: ApiAnswer[] = [];
  if (atOnce) {
    const under = requests.map((request) => socket.send(request));
    answers.push(...(await Promise.all(under)));
  } else {
    for (const request of requests) {
      answers.push(await socket.send(request));
    }
  }
  const stored = await storedNow(all, each, ids);
  await socket.close();
  const bodies = answers.map(({ body }) => ({
    ...body,
    controller: "CONTROLLER",
  }));

  // Of how many writes they are made, the versions tell.
  return mask(
    withoutVersions({ answers: bodies, stored }) as FoldObservation,
    namesOf(all, ids),
  );
}

function withoutVersions(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, each: unknown) =>
      key === "_version" ? undefined : each,
    ),
  ) as unknown;
}

/** Replaces the placeholders in every string of a value. */
function fillIn(
  value: unknown,
  names: Readonly<Record<string, string>>,
): unknown {
  if (typeof value === "string") {
    return value.replace(
      /\b(ID|OTHER)\b/g,
      (placeholder) => names[placeholder] ?? placeholder,
    );
  }
  if (Array.isArray(value)) {
    return value.map((each) => fillIn(each, names));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        fillIn(key, names),
        fillIn(each, names),
      ]),
    );
  }
  return value;
}

function orderOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, each]) => [
    `${path}.${key}`,
    ...orderOf(each, `${path}.${key}`),
  ]);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/;

/** Moments of this run; those that a client sent are of other years. */
const isNow = (value: number) => Math.abs(value - Date.now()) < 3_600_000;

/** Properties that say something else in another call, of another node or on another connection. */
const ALWAYS_DIFFERENT = new Set([
  "stack",
  "node",
  "x-kuzzle-node",
  "sec-websocket-key",
  "index_uuid",
]);

/** Names alike what is different each time: identifiers, moments, stacks. */
function mask<T>(
  value: T,
  names: readonly (readonly [string, string])[],
  key = "",
): T {
  if (typeof value === "string") {
    return maskString(value, names, key) as T;
  }
  if (typeof value === "number" && isNow(value)) {
    return "MOMENT" as T;
  }
  if (Array.isArray(value)) {
    return value.map((each) => mask(each, names)) as T;
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        maskString(name, names, ""),
        mask(each, names, name),
      ]),
    ) as T;
  }
  return value;
}

function maskString(
  value: string,
  names: readonly (readonly [string, string])[],
  key: string,
): string {
  if (HTTP_DATE.test(value)) {
    return "MOMENT";
  }
  if (ALWAYS_DIFFERENT.has(key.toLowerCase())) {
    return key.toUpperCase();
  }
  if (UUID.test(value)) {
    return "UUID";
  }
  return names.reduce(
    (text, [name, masked]) => text.replaceAll(name, masked),
    // Storage tells of documents in its errors.
    value.replace(/\b\d{13}\b/g, (digits) =>
      isNow(Number(digits)) ? "MOMENT" : digits,
    ),
  );
}
