import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { TestApplication } from "../support/TestApplication";
import type { SentUpdate } from "./Crowd";
import { batchedOf, createDocument, crowdOf, kept, statsOf } from "./setting";
import { Subscriber } from "./Subscriber";

const CLIENTS = 42;
const UPDATES = 420;
const everything = { "*": { actions: { "*": true } } };
const BAD = "400 services.storage.unexpected_bad_request";

/** Values in notifications and answers that are unique to one update. */
type Trace = readonly [
  document: string,
  field: string,
  value: number,
  updater: string,
];

export function callers(of: () => TestApplication): void {
  describe(`${UPDATES} updates of several users, some of them bad`, () => {
    let good: readonly SentUpdate[];
    let bad: readonly SentUpdate[];
    let told: readonly JSONObject[];
    let batched: number;
    let contents: readonly JSONObject[];
    let native: JSONObject;
    const users: { jwt: string | null; kuid: string }[] = [];

    const userOf = (client: number) => users[client % users.length]!;
    const volatileOf = (client: number) =>
      client % 2 === 0 ? null : { team: "odd" };

    before(async () => {
      const application = of();
      const { stage } = application;
      const target = await application.createCollection("callers", {
        mappings: { properties: { seats: { type: "integer" } } },
      });
      for (let client = 0; client < CLIENTS; client++) {
        await createDocument(application, target, `document-${client}`);
      }
      users.push({ jwt: null, kuid: "-1" });
      const tokens = await application.createUsers({
        ann: everything,
        bob: everything,
      });
      for (const [name, jwt] of Object.entries(tokens)) {
        users.push({ jwt, kuid: `${name}-${application.suffix}` });
      }
      const subscriber = await Subscriber.of(target, application.port);
      const crowd = await crowdOf(application, CLIENTS);
      const batchedBefore = batchedOf(await statsOf(application));

      const sent = await crowd.send({
        request: (client, value) => ({
          ...target,
          _id: `document-${client}`,
          jwt: userOf(client).jwt,
          volatile: volatileOf(client),
          ...(isBad(client) && { body: { seats: secretOf(client, value) } }),
        }),
        updates: UPDATES,
      });

      told = await subscriber.told();
      batched = batchedOf(await statsOf(application)) - batchedBefore;
      await Promise.all([crowd.close(), subscriber.close()]);
      good = sent.filter(({ _id }) => !isBad(numberOf(_id)));
      bad = sent.filter(({ _id }) => isBad(numberOf(_id)));
      ({ body: native } = await stage.send({
        ...target,
        _id: `document-${numberOf(bad[0]!._id)}`,
        action: "update",
        body: bad[0]!.request.body,
        controller: "document",
      }));
      const { successes } = await stage.call({
        ...target,
        action: "mGet",
        body: {
          ids: Array.from({ length: CLIENTS }, (_, n) => `document-${n}`),
        },
        controller: "document",
      });
      contents = successes;
    });

    it("share requests to storage", () => {
      assert.equal(good.length + bad.length, UPDATES);
      assert.ok(batched > UPDATES / 4, `${batched} updates were batched`);
    });

    it("are each made in the name of their user, in answers and in documents", () => {
      for (const { _id, answer } of good) {
        assert.equal(answer["error"], null);
        const { updater } = answer["result"]._source._kuzzle_info;
        assert.equal(updater, userOf(numberOf(_id)).kuid);
      }
      for (const { _id, _source } of contents) {
        const { updater } = _source._kuzzle_info;
        const { kuid } = userOf(numberOf(_id));
        assert.equal(updater, isBad(numberOf(_id)) ? null : kuid);
      }
    });

    it("are each notified once, in the name of their user", () => {
      const expected = good.map(({ _id, field, value }): Trace => {
        const { kuid } = userOf(numberOf(_id));
        return [_id, field, value, kuid];
      });
      const heard = told.map(({ result }): Trace => {
        const { _id, _source, _updatedFields } = result;
        const field = String(_updatedFields);
        return [_id, field, _source[field], _source._kuzzle_info.updater];
      });

      assert.deepEqual(heard.map(String).sort(), expected.map(String).sort());
    });

    it("are each notified with the volatile of their caller", () => {
      for (const { result, volatile } of told) {
        assert.deepEqual(volatile, volatileOf(numberOf(result._id)));
      }
    });

    it("fail alone where they are bad, as natively, and store nothing", () => {
      assert.ok(bad.length > 0);
      for (const { _id, answer, request } of bad) {
        const { id, message, status } = answer["error"];
        assert.equal(`${status} ${id}`, BAD);
        assert.equal(
          message,
          natively(native["error"].message, _id, request.body as JSONObject),
        );
      }
      for (const { _id, _source } of contents) {
        if (isBad(numberOf(_id))) {
          delete _source._kuzzle_info;
          assert.deepEqual(_source, kept);
        }
      }
    });

    it("never show a user what another has sent", () => {
      for (const { answer, request } of [...good, ...bad]) {
        const others = secretsIn(answer).filter(
          (secret) => !secretsIn(request).includes(secret),
        );
        assert.deepEqual(others, []);
      }
      assert.deepEqual(secretsIn(told), []);
    });

    /** The message of the first bad update, as that of another one. */
    function natively(
      message: string,
      _id: string,
      { seats }: JSONObject,
    ): string {
      const first = bad[0]!;
      return message
        .replaceAll(first._id, _id)
        .replaceAll((first.request.body as JSONObject)["seats"], seats);
    }
  });
}

/** Every seventh client sends text for an integer. */
function isBad(client: number): boolean {
  return client % 7 === 3;
}

function secretOf(client: number, value: number): string {
  return `SECRET-${client}-${value}-`;
}

function secretsIn(value: unknown): readonly string[] {
  return JSON.stringify(value).match(/SECRET-\d+-\d+-/g) ?? [];
}

/** The client whose document this is. */
function numberOf(_id: string): number {
  return Number(_id.split("-")[1]);
}
