import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { TestApplication } from "../support/TestApplication";
import { errorsOf, type SentUpdate } from "./Crowd";
import { createDocument, crowdOf, groupedOf, statsOf } from "./setting";
import { Subscriber } from "./Subscriber";

const CLIENTS = 60;
const UPDATES = 1_200;
const everything = { "*": { actions: { "*": true } } };

/** What notifications and answers have of one update, and of no other. */
type Trace = readonly [
  document: string,
  field: string,
  value: number,
  updater: string,
];

export function groupCallers(of: () => TestApplication): void {
  describe(`${UPDATES} grouped updates of several users`, () => {
    let sent: readonly SentUpdate[];
    let told: readonly JSONObject[];
    let grouped: number;
    const users: { jwt: string | null; kuid: string }[] = [];

    const userOf = (client: number) => users[client % users.length]!;
    const volatileOf = (client: number) =>
      client % 2 === 0 ? null : { team: "odd" };

    before(async () => {
      const application = of();
      const target = await application.createCollection("group-callers");
      for (let client = 0; client < CLIENTS; client++) {
        await createDocument(application, target, `document-${client}`);
      }
      users.push({ jwt: null, kuid: "-1" });
      for (const name of ["ann", "bob"]) {
        const jwt = await application.createUser(name, everything);
        users.push({ jwt, kuid: `${name}-${application.suffix}` });
      }
      const subscriber = await Subscriber.of(target, application.port);
      const crowd = await crowdOf(application, CLIENTS);
      const groupedBefore = groupedOf(await statsOf(application));

      sent = await crowd.send({
        request: (client) => ({
          ...target,
          _id: `document-${client}`,
          jwt: userOf(client).jwt,
          volatile: volatileOf(client),
        }),
        updates: UPDATES,
      });

      told = await subscriber.told();
      grouped = groupedOf(await statsOf(application)) - groupedBefore;
      await Promise.all([crowd.close(), subscriber.close()]);
    });

    it("are grouped", () => {
      assert.deepEqual(errorsOf(sent), []);
      assert.ok(grouped > UPDATES / 4, `${grouped} updates were grouped`);
    });

    it("are each made in the name of their user", () => {
      for (const { _id, answer } of sent) {
        const { updater } = answer["result"]._source._kuzzle_info;
        assert.equal(updater, userOf(numberOf(_id)).kuid);
      }
    });

    it("are each notified once, in the name of their user", () => {
      const expected = sent.map(({ _id, field, value }): Trace => {
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
  });
}

/** The client whose document this is. */
function numberOf(_id: string): number {
  return Number(_id.split("-")[1]);
}
