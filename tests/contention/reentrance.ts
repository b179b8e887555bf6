import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { Reactions } from "../application/probe";
import { probe } from "../change/setting";
import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import {
  type Crowd,
  errorsOf,
  fieldOf,
  lastValues,
  requestIdOf,
} from "./Crowd";
import {
  contentOf,
  createDocument,
  crowdOf,
  kept,
  queuesEmpty,
} from "./setting";

const CLIENTS = 16;
const UPDATES = 96;
/** For the second update of these clients, a pipe also updates the document. */
const REENTRANT = [0, 3, 6, 9, 12, 15];
/** Within the `maxWait` of 5,000. */
const SOON_MS = 4_500;

/**
 * @param prefixes of collections, which decide how they are written
 * @param events of an update whose pipes update the document that is written
 */
export function reentrance(
  of: () => TestApplication,
  prefixes: readonly string[],
  events: readonly string[],
): void {
  describe(`a pipe that updates the document that is written`, () => {
    let crowd: Crowd;

    before(async () => {
      crowd = await crowdOf(of(), CLIENTS);
      return () => crowd.close();
    });

    for (const prefix of prefixes) {
      for (const event of events) {
        it(`holds up nobody, on ${event} in a collection "${prefix}…"`, async () => {
          const application = of();
          const name = `${prefix}-${event}`;
          const target = await application.createCollection(
            name.toLowerCase().replaceAll(":", "-"),
          );
          await holdsUpNobody(application, target, event, name);
        });
      }
    }

    async function holdsUpNobody(
      application: TestApplication,
      target: Target,
      event: string,
      name: string,
    ): Promise<void> {
      const _id = "hot";
      const body: Reactions = { [event]: { updatesOther: _id } };
      await createDocument(application, target, _id);
      for (const client of REENTRANT) {
        await probe(application, "arm", requestIdOf(name, client, 2), body);
      }

      const sent = await crowd.send({
        name,
        request: () => ({ ...target, _id }),
        updates: UPDATES,
      });

      assert.deepEqual(errorsOf(sent), []);
      const longest = Math.max(...sent.map(({ ms }) => ms));
      assert.ok(longest < SOON_MS, `one took ${longest} ms`);
      assert.deepEqual(await contentOf(application, target, _id), {
        ...kept,
        ...lastValues(sent)[_id],
        natively: true,
        throughThePlugin: true,
      });
      assert.ok(
        sent.some(({ field, value }) => field === fieldOf(0) && value > 1),
      );
      await queuesEmpty(application);
    }
  });
}
