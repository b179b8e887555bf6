import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { withDeadline } from "../support/WebSocketClient";
import { Flock, versionOrError } from "./Flock";

const NEIGHBOURS = 30;

export function deepBodies(of: () => TestApplication): void {
  describe("a deep body", () => {
    for (const levels of [500, 7_000, 100_000]) {
      it(`of ${levels} levels is answered, and so are its neighbours`, async () => {
        const application = of();
        const name = `deep-${levels}`;
        const flock = await Flock.of(application, name, NEIGHBOURS + 1);
        const [deep, ...others] = flock.ids;
        const socket = await PipelinedSocket.connect(application.port);

        const neighbours = others.map((_id, n) => flock.update(_id, { n }));
        const answer = deepUpdate(socket, flock.target, String(deep), {
          body: deepJson(levels),
        });
        const later = others.map((_id, n) => flock.update(_id, { later: n }));

        assert.notEqual((await answer)["status"], undefined);
        const both = await Promise.all([...neighbours, ...later]);
        assert.deepEqual(
          both.map(versionOrError),
          both.map((_, place) => (place < NEIGHBOURS ? 2 : 3)),
        );
        await Promise.all([flock.close(), socket.close()]);
      });
    }
  });
}

/** An object in an object, and so on, as JSON: deeper than `JSON.stringify` goes. */
export function deepJson(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
}

let sent = 0;

/** @param parts of the request, as JSON */
export async function deepUpdate(
  socket: PipelinedSocket,
  target: Target,
  _id: string,
  parts: Readonly<Record<string, string>>,
): Promise<JSONObject> {
  const requestId = `deep-${++sent}`;
  const request = JSON.stringify({
    ...target,
    _id,
    action: "update",
    controller: "document-update",
    requestId,
  });
  const more = Object.entries(parts).map(
    ([name, json]) => `,${JSON.stringify(name)}:${json}`,
  );
  const json = `${request.slice(0, -1)}${more.join("")}}`;

  return (await withDeadline(socket.sendJson(requestId, json))).body;
}
