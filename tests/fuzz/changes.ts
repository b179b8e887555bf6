import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { inspect } from "node:util";

import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import { findUnreadable } from "../../lib/change/values";
import { copyOf } from "../../lib/json";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { ApiClient, ApiRequest, Target } from "../support/request";
import type { Site } from "./requests";
import { changeRequest, monsters } from "./changeRequest";

const REQUESTS = 1_500;

/** What each document holds at first. */
const content = { a: { b: 1 }, large: 2 ** 60, n: 1, tags: ["a"], text: "x" };

/** A native update with this is stored, and answered an error: nobody can read the document any more. */
const isUnreadable = ({ action, body }: ApiRequest) =>
  // As it is sent: JSON makes null of a number that is not finite.
  action === "update" && findUnreadable(copyOf(body)) !== undefined;

/** A refusal: native's, of which that of a body has no id, or the plugin's own. */
const REFUSAL =
  /^(Attribute body must be of type .+|api\.(assert|process)\.\w+|network\.\w+\.\w+|services\.storage\.\w+|plugin\.document-update\.(invalid_(argument|condition|operators|request_key)|operator_(path|type|result)|unset_refused|version_mismatch|condition_not_met|request_key_reused))$/;

export function changes(of: () => Site, seed: number): void {
  let jwt: string;
  let reader: PipelinedSocket;
  let target: Target;
  let carriedOut = 0;

  before(async () => {
    const { application } = of();
    // Takes any document: nothing is indexed, so no field is refused for its type.
    target = await application.createCollection("changes", {
      mappings: { dynamic: "false" },
    });
    jwt = await application.createUser("author", {
      "*": { actions: { "*": true } },
    });
    reader = await PipelinedSocket.connect(application.port);
  });

  after(() => reader.close());

  const call = async (request: ApiRequest): Promise<JSONObject> => {
    const { body } = await reader.send({
      ...target,
      controller: "document",
      ...request,
    });
    return body;
  };
  const read = async (_id: string) => {
    const { error, result } = await call({ _id, action: "get" });
    return {
      error: error?.id,
      source: result?._source,
      version: result?._version,
    };
  };

  /** Sends a change of a document that nobody else writes, and returns what is wrong with the outcome. */
  async function amiss(
    client: ApiClient,
    _id: string,
    each: ApiRequest,
  ): Promise<string | undefined> {
    const before = await read(_id);
    const sent = { ...target, _id, jwt, ...each };
    let body: JSONObject;
    try {
      ({ body } = await client.send(sent));
    } catch (error) {
      return `no answer: ${String(error)} ${String((error as Error).cause)}`;
    }
    const after = await read(_id);

    const { error, result, status } = body;
    if (error && isUnreadable(each)) {
      return undefined;
    }
    if (error) {
      try {
        assert.deepEqual(after, before);
      } catch {
        return `refused, and stored: ${error.id} ${shown(after)}`;
      }
      const isRefusal =
        status < 500 && REFUSAL.test(String(error.id ?? error.message));
      return isRefusal ? undefined : `${status} ${error.id}: ${error.message}`;
    }
    carriedOut++;
    const isAsTold =
      status === 200 &&
      result._version === after.version &&
      after.version <= before.version + 1;

    return isAsTold
      ? undefined
      : `of version ${before.version}, ${shown(result)}`;
  }

  it(`carries out each of ${REQUESTS} changes, or refuses it for what is wrong with it`, async () => {
    const { application, clients } = of();
    const all = [
      ...monsters,
      ...fc.sample(changeRequest, { numRuns: REQUESTS, seed }),
    ];
    const wrong: string[] = [];
    await Promise.all(
      clients.map(async (client, place) => {
        // Each client has its own, so that a seed sends the same over the same protocol again.
        for (let next = place; next < all.length; next += clients.length) {
          const _id = `document-${next}`;
          await call({ _id, action: "create", body: content });
          const request = all[next]!;
          const told = await amiss(client, _id, request);
          if (told !== undefined) {
            wrong.push(`${client.protocol}: ${shown(request)}: ${told}`);
          }
        }
      }),
    );

    assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} are wrong`);
    assert.ok(carriedOut > REQUESTS / 5, `${carriedOut} carried out`);
    assert.equal(application.process.exitCode, null);
  });
}

/** A value in words, however deep and large it is. */
function shown(value: unknown): string {
  return inspect(value, {
    breakLength: Infinity,
    depth: 8,
    maxArrayLength: 5,
    maxStringLength: 100,
  }).slice(0, 1_000);
}
