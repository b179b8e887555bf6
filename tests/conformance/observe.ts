import assert from "node:assert/strict";

import type { JSONObject } from "kuzzle-sdk";

import type { SeenEvent } from "../application/probe";
import { HttpClient } from "../support/HttpClient";
import type { ApiAnswer, ApiClient, ApiRequest } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import type { WebSocketClient } from "../support/WebSocketClient";
import { type Company, isCompanion } from "./company";
import { type ConformanceCase, startingDocument } from "./ConformanceCase";

/** All that a client, a subscriber, a listener of events and storage can tell of one update. */
export interface Observation {
  readonly answer: ApiAnswer | { readonly none: string };
  /** Paths of the answer's properties in the order in which they came. */
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
  /** Of the updates that are observed; by default, they are alone. */
  readonly company?: Company;
}

/** Enough for some of them to meet. */
const AT_ONCE = 60;

let counter = 0;

/**
 * Plays a case on a stage and returns all that can be seen, with what must differ named alike.
 *
 * @param controller whose `update` is called
 */
export async function observe(
  { application, collections, company, index, subscriber, tokens }: Stage,
  client: ApiClient,
  controller: string,
  {
    caller = "author",
    collection: name = "plain",
    document = startingDocument,
    filter,
    pipes = {},
    request = {},
  }: ConformanceCase,
): Promise<Observation> {
  const { stage } = application;
  const id = `doc-${String(++counter).padStart(6, "0")}`;
  const other = `other-${String(counter).padStart(6, "0")}`;
  const collection = String(collections[name]);
  const target = { collection, index };
  const fill = <T>(value: T): T => fillIn(value, { ID: id, OTHER: other }) as T;

  const created = document === null ? [] : [id, other];
  for (const _id of created) {
    await stage.call({
      ...target,
      _id,
      action: "create",
      body: { ...document },
      controller: "document",
    });
  }
  const { roomId } = await subscriber.call({
    ...target,
    action: "subscribe",
    body: fill(filter ?? { ids: { values: ["ID", "OTHER"] } }),
    controller: "realtime",
  });
  const requestId = `request-${id}`;
  await stage.call({
    action: "arm",
    args: { target: requestId },
    body: fill({ ...pipes }),
    controller: "probe",
  });

  const sent: ApiRequest = {
    ...target,
    _id: id,
    action: "update",
    body: { state: "closed" },
    controller,
    requestId,
    ...(caller !== "anonymous" && { jwt: tokens[caller] }),
    ...fill(request),
  };
  const others = company?.join(sent);
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

  const stored = [];
  for (const _id of [id, other]) {
    const { body } = await stage.send({
      ...target,
      _id,
      action: "get",
      controller: "document",
    });
    stored.push(
      body["result"] && pick(body["result"], ["_id", "_source", "_version"]),
    );
  }

  const observation = {
    answer,
    events,
    notifications,
    order: orderOf(answer),
    stored,
  };

  return mask(observation, [
    [id, "ID"],
    [other, "OTHER"],
    [roomId, "ROOM"],
    [tokens.author, "AUTHOR'S TOKEN"],
    [tokens.outsider, "OUTSIDER'S TOKEN"],
    [application.suffix, "SUFFIX"],
    [`127.0.0.1:${application.port}`, "HOST"],
  ]);
}

/** Updates one document many times at once, and returns the answer to one that lost, if any did. */
export async function observeContention(
  { application, collections, index, tokens }: Stage,
  controller: string,
): Promise<Observation> {
  const client = new HttpClient(application.port);
  const id = `doc-${String(++counter).padStart(6, "0")}`;
  const target = { _id: id, collection: String(collections["plain"]), index };
  await application.stage.call({
    ...target,
    action: "create",
    body: { ...startingDocument },
    controller: "document",
  });

  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, count) =>
      client.send({
        ...target,
        action: "update",
        body: { count },
        controller,
        jwt: tokens.author,
        requestId: `request-${id}`,
      }),
    ),
  );
  const [first] = answers;
  const seen = answers.find(({ status }) => status !== 200) ?? first;
  assert.ok(seen);

  return mask(
    {
      answer: { body: seen.body, status: Number(seen.status) },
      events: [],
      notifications: [],
      order: [],
      stored: [],
    },
    [
      [id, "ID"],
      [application.suffix, "SUFFIX"],
    ],
  );
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

function pick(from: JSONObject, keys: readonly string[]): JSONObject {
  return Object.fromEntries(keys.map((key) => [key, from[key]]));
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
    value,
  );
}
