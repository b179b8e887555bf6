import { PipelinedSocket } from "../support/PipelinedSocket";
import type { ApiRequest } from "../support/request";
import type { TestApplication } from "../support/TestApplication";

/** Updates that go on while one is observed, so that this one leaves in a group with some of them. */
export interface Company {
  /** Updates other documents as `sent` updates its own, until it is told to leave. */
  join(sent: ApiRequest): { leave(): void };
  close(): Promise<void>;
}

/** One is written by itself, while the others wait for the observed one. */
const COMPANIONS = Array.from({ length: 4 }, (_, n) => `companion-${n}`);

/** Tells the document of a companion from those that are observed. */
export function isCompanion(_id: unknown): boolean {
  return COMPANIONS.includes(String(_id));
}

/** Creates the documents that the company updates, in each of the collections. */
export async function gatherCompany(
  application: TestApplication,
  index: string,
  collections: readonly string[],
): Promise<Company> {
  const socket = await PipelinedSocket.connect(application.port);
  for (const collection of collections) {
    for (const _id of COMPANIONS) {
      const controller = "document";
      const target = { _id, collection, controller, index };
      await application.stage.call({ ...target, action: "create", body: {} });
    }
  }

  return {
    close: () => socket.close(),
    join: (sent) => {
      let left = false;
      const accompany = async (_id: string): Promise<void> => {
        while (!left) {
          // Some cases get no answer, nor does their company.
          await socket.send({ ...sent, _id }).catch(() => (left = true));
        }
      };
      COMPANIONS.forEach((_id) => void accompany(_id));

      return {
        leave: () => {
          left = true;
        },
      };
    },
  };
}
