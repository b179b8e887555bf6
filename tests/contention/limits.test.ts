import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { startServices } from "../../scripts/services/index.mjs";
import { StorageProxy, updatedIn } from "../support/StorageProxy";
import { TestApplication } from "../support/TestApplication";
import { errorsOf, lastValues } from "./Crowd";
import { elasticsearch } from "./elasticsearch";
import { Flock, versionOrError } from "./Flock";
import {
  contentOf,
  createDocument,
  crowdOf,
  kept,
  lanesEmpty,
  statsOf,
} from "./setting";

const MAX_PENDING = 3;
const MAX_WAIT = 1_500;
const TOO_MANY = "503 plugin.document-update.too_many_pending";
const CONFLICT = "409 plugin.document-update.version_conflict";

describe("limits", () => {
  let proxy: StorageProxy;
  let stopServices: () => Promise<void>;

  before(async () => {
    const services = await startServices();
    stopServices = services.stop;
    // Whatever is started from now on shares it.
    process.env["ELASTICSEARCH_URL"] = services.elasticsearchUrl;
    process.env["REDIS_URL"] = services.redisUrl;
    proxy = await StorageProxy.listen(services.elasticsearchUrl);
  });

  after(async () => {
    await proxy.close();
    await stopServices();
  });

  describe(`of ${MAX_PENDING} updates and ${MAX_WAIT} ms that updates wait to be folded`, () => {
    let application: TestApplication;
    let documents = 0;

    before(async () => {
      application = await TestApplication.start({
        PROBE_EVENTS: "false",
        "kuzzle_plugins__document-update__maxPending": String(MAX_PENDING),
        "kuzzle_plugins__document-update__maxWait": String(MAX_WAIT),
        kuzzle_services__storageEngine__client__node: proxy.url,
      });
    });

    after(() => application.stop());

    it("refuse updates above the limit at once, and store the others", async () => {
      const { first, flock, release, update } = await heldDocument();

      const waiting = [1, 2, 3].map((n) => update({ [`waits-${n}`]: true }));
      const beyond = [1, 2].map((n) => update({ [`beyond-${n}`]: true }));

      // The first still holds the document.
      assert.deepEqual(await Promise.all(beyond), [TOO_MANY, TOO_MANY]);
      release();
      assert.deepEqual(await Promise.all([first, ...waiting]), [2, 3, 3, 3]);
      assert.deepEqual(await flock.contents(), [
        {
          ...kept,
          first: true,
          "waits-1": true,
          "waits-2": true,
          "waits-3": true,
        },
      ]);
      await lanesEmpty(application);
      await flock.close();
    });

    it("refuse updates that wait too long, and store the one that was being written", async () => {
      const { first, flock, release, update } = await heldDocument();

      const waiting = [1, 2].map((n) => update({ [`waits-${n}`]: true }));

      assert.deepEqual(await Promise.all(waiting), [CONFLICT, CONFLICT]);
      release();
      assert.equal(await first, 2);
      assert.deepEqual(await flock.contents(), [{ ...kept, first: true }]);
      assert.equal(await update({ later: true }), 3);
      await lanesEmpty(application);
      await flock.close();
    });

    it("let all others be stored", async () => {
      const _id = "hot";
      const target = await application.createCollection("fold-limited");
      await createDocument(application, target, _id);
      const crowd = await crowdOf(application, 64);

      const sent = await crowd.send({
        request: () => ({ ...target, _id }),
        updates: 500,
      });
      await crowd.close();

      assert.deepEqual([...new Set(errorsOf(sent))], [TOO_MANY]);
      assert.deepEqual(await contentOf(application, target, _id), {
        ...kept,
        ...lastValues(sent)[_id],
      });
      await lanesEmpty(application);
    });

    /** A document of a folded collection, the update of which storage holds until it is released. */
    async function heldDocument() {
      const name = `fold-held-${++documents}`;
      const flock = await Flock.of(application, name, 1);
      const [_id = ""] = flock.ids;
      const update = async (body: object) =>
        versionOrError(await flock.update(_id, body));
      let release = () => {};
      const isHeld = new Promise<void>((resolve) => {
        proxy.meddle = async (call, forward) => {
          if (updatedIn(call).includes(_id)) {
            proxy.meddle = (_, pass) => pass();
            resolve();
            await new Promise<void>((released) => {
              release = released;
            });
          }
          return forward();
        };
      });
      const first = update({ first: true });
      await isHeld;

      return { first, flock, release: () => release(), update };
    }
  });

  describe("of no wait at all", () => {
    let application: TestApplication;

    before(async () => {
      application = await TestApplication.start({
        PROBE_EVENTS: "false",
        "kuzzle_plugins__document-update__fold": "*json:[]",
        "kuzzle_plugins__document-update__maxWait": "0",
        kuzzle_services__storageEngine__client__node: proxy.url,
      });
    });

    after(() => application.stop());

    it("refuse a conflicting update at once, without a retry", async () => {
      const flock = await Flock.of(application, "no-wait", 1);
      const [_id = ""] = flock.ids;
      // Whenever the plugin writes the document, so does somebody else.
      proxy.meddle = async (call, forward) => {
        if (!updatedIn(call).includes(_id)) {
          return forward();
        }
        const [answer] = await Promise.all([
          forward(),
          ...Array.from({ length: 20 }, (_, n) =>
            elasticsearch(
              flock.target,
              "POST",
              `_update/${_id}?retry_on_conflict=100`,
              {
                doc: { [`other-${n}`]: Math.random() },
              },
            ),
          ),
        ]);
        return answer;
      };
      const outcomes: unknown[] = [];

      for (let n = 0; n < 200 && !outcomes.includes(CONFLICT); n++) {
        const options = { args: { retryOnConflict: 0 } };
        const answer = await flock.update(_id, { n }, options);
        outcomes.push(answer["error"] ? versionOrError(answer) : n);
      }
      proxy.meddle = (_, forward) => forward();

      const stored = outcomes.filter((each) => each !== CONFLICT);
      assert.ok(outcomes.includes(CONFLICT), "nothing conflicted");
      assert.ok(stored.every(Number.isInteger), String(stored));
      assert.equal((await flock.contents())[0]?.["n"], stored.at(-1));
      const { conflicts, retries } = await statsOf(application);
      assert.deepEqual([conflicts, retries], [1, 0]);
      await flock.close();
    });
  });
});
