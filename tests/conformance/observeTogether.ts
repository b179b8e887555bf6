import assert from "node:assert/strict";

import type { JSONObject } from "kuzzle-sdk";

import { OBSERVED } from "../application/probe";
import { HttpClient } from "../support/HttpClient";
import type { ApiAnswer, ApiRequest } from "../support/request";
import type { ConformanceCase } from "./ConformanceCase";
import { fillIn, mask } from "./mask";
import {
  arm,
  collect,
  namesOf,
  type Observation,
  requestOf,
  type Sender,
  type Stage,
  STORAGE_ERROR,
  takeDocuments,
} from "./observe";

/** Who updates, by its own connections. */
type Controller = Omit<Sender, "client" | "isInCompany">;

/** Enough for some of them to meet. */
const AT_ONCE = 60;

/** Updates one document many times at once, and returns the answer to one that lost, if any did. */
export async function observeContention(
  all: Stage,
  { controller, isUnheard = false }: Controller,
): Promise<Observation> {
  const client = new HttpClient(all.application.port);
  const each = { name: "contention" };
  const ids = await takeDocuments(all, each);
  const requestId = OBSERVED + ids.ID;
  await arm(all, requestId, isUnheard);
  const sent = requestOf(all, each, ids, controller);

  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, count) =>
      client.send({ ...sent, body: { count }, requestId: "a request" }),
    ),
  );
  await collect(all, each, ids, requestId);
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
  { controller, isUnheard = false }: Controller,
): Promise<Readonly<Record<"refused" | "neighbour", Observation>>> {
  const { socket } = all;
  const { stage } = all.application;
  const probe = (action: string, text: string) =>
    stage.call({ action, args: { text }, controller: "storage-probe" });
  const each = { name: "refusal" };
  const [first, ids] = [
    await takeDocuments(all, each),
    await takeDocuments(all, each),
  ];
  const sent = requestOf(all, each, ids, controller);
  const send = (_id: string) =>
    socket.send({ ...sent, _id, requestId: OBSERVED + _id });
  const seen = async (_id: string, answer: ApiAnswer) => {
    const { events } = await collect(all, each, ids, OBSERVED + _id);
    const told = events.filter(({ event }) => event === STORAGE_ERROR);
    return mask({ ...answered(answer), events: told }, namesOf(all, ids));
  };
  await arm(all, OBSERVED + ids.ID, isUnheard);

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

  return {
    neighbour: await seen(ids.OTHER, neighbour),
    refused: await seen(ids.ID, refused),
  };
}

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

/** Plays a case with updates of the same document, by the same user, before it. */
export async function observeFold(
  all: Stage,
  { controller, isUnheard = false }: Controller,
  each: ConformanceCase,
  /** Whether they are sent without waiting for each other. */
  atOnce: boolean,
): Promise<FoldObservation> {
  const { socket } = all;
  const ids = await takeDocuments(all, each);
  const requestId = OBSERVED + ids.ID;
  await arm(all, requestId, isUnheard);
  const sent = requestOf(all, each, ids, controller);
  const requests: ApiRequest[] = [
    ...Array.from({ length: BEFORE }, (_, count) => ({
      ...sent,
      body: { count },
      requestId: `before-${count}`,
    })),
    { ...sent, requestId, ...(fillIn(each.request ?? {}, ids) as ApiRequest) },
  ];

  const answers: Promise<ApiAnswer>[] = [];
  for (const request of requests) {
    const answer = socket.send(request);
    answers.push(answer);
    if (!atOnce) {
      await answer;
    }
  }
  const bodies = (await Promise.all(answers)).map(({ body }) => ({
    ...body,
    controller: "CONTROLLER",
  }));
  const { stored } = await collect(all, each, ids, requestId);
  all.subscriber.notifications.splice(0);

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
