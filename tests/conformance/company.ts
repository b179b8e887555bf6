import type { JSONObject } from "kuzzle-sdk";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { ApiRequest } from "../support/request";

/** Updates that go on while one is observed, so that this one leaves in a batch with some of them. */
export interface Company {
  /** Updates other documents of the same collection, until it is told to leave. */
  join(sent: ApiRequest): { leave(): void };
  close(): Promise<void>;
}

/**
 * What each of them sends over the observed request: the very same, a valid change, and one that the
 * collection may refuse. None of them is to be noticed.
 */
const COMPANIONS: Readonly<Record<string, JSONObject>> = {
  "companion-alike": {},
  "companion-alike-too": {},
  "companion-valid": { args: {}, body: { count: 3 } },
  "companion-wrong": { args: {}, body: { count: "SECRET of a companion" } },
};

/** Documents that the company updates. */
export const companions = Object.keys(COMPANIONS);

/** Tells the document of a companion from those that are observed. */
export function isCompanion(_id: unknown): boolean {
  return companions.includes(String(_id));
}

/** Lets companions in by a connection of their own. */
export async function gatherCompany(port: number): Promise<Company> {
  const socket = await PipelinedSocket.connect(port);
  let sentByNow = 0;

  return {
    close: () => socket.close(),
    join: (sent) => {
      let left = false;
      const accompany = async (_id: string): Promise<void> => {
        while (!left) {
          // An id of its own: pipes are armed for the observed one alone.
          const requestId = `companion-${++sentByNow}`;
          await socket
            .send({ ...sent, ...COMPANIONS[_id], _id, requestId })
            .catch(() => (left = true));
        }
      };
      companions.forEach((_id) => void accompany(_id));

      return {
        leave: () => {
          left = true;
        },
      };
    },
  };
}
