import assert from "node:assert/strict";
import { it } from "node:test";

import type { Reaction } from "../application/probe";
import { outcomeOf } from "../support/UpdateLedger";
import type { FaultSite } from "./FaultSite";

interface Deletion {
  readonly what: NonNullable<Reaction["deletes"]>;
  readonly fault: string;
  /** Event at which a pipe deletes it. */
  readonly at: string;
  readonly outcome: string;
  /** Whether the update is stored all the same. */
  readonly isStored?: boolean;
  /** What the read of the document says afterwards. */
  readonly read: string;
}

const METADATA = "generic:document:injectMetadata";

const deletions: readonly Deletion[] = [
  {
    at: METADATA,
    fault: "the document deleted between the read and the write",
    outcome: "404 services.storage.unexpected_not_found",
    read: "404 services.storage.not_found",
    what: "document",
  },
  {
    at: METADATA,
    fault: "the collection deleted between the read and the write",
    outcome: "412 services.storage.unknown_collection",
    read: "412 services.storage.unknown_collection",
    what: "collection",
  },
  {
    at: METADATA,
    fault: "the index deleted between the read and the write",
    outcome: "412 services.storage.unknown_index",
    read: "412 services.storage.unknown_index",
    what: "index",
  },
  {
    at: "document:beforeUpdate",
    fault: "the user deleted between the request and the write",
    isStored: true,
    outcome: "acknowledged",
    read: "acknowledged",
    what: "user",
  },
];

export function deletionFaults(site: () => FaultSite): void {
  for (const deletion of deletions) {
    const { at, fault, isStored = false, outcome, what } = deletion;
    it(fault, async () => {
      const { application, http } = site();
      const { stage } = application;
      const target = await application.createCollection(
        "vanishing",
        {},
        `vanishing-${what}`,
      );
      const jwt =
        what === "user" &&
        (await application.createUser("vanishing", {
          document: { actions: { update: true } },
        }));
      const document = { ...target, _id: "a-document" };
      await stage.call({
        ...document,
        action: "create",
        body: { state: "open" },
        controller: "document",
      });
      const requestId = `deletes-${what}`;
      await stage.call({
        action: "arm",
        args: { target: requestId },
        body: { [at]: { deletes: what } },
        controller: "probe",
      });

      const came = await outcomeOf(
        http.send({
          ...document,
          action: "update",
          body: { state: "closed" },
          controller: "document",
          ...(jwt && { jwt }),
          requestId,
        }),
      );

      await site().reportOutcomes(fault, [came], [outcome], async () => {
        const read = stage.send({
          ...document,
          action: "get",
          controller: "document",
        });
        assert.equal(await outcomeOf(read), deletion.read);
        const { result } = (await read).body;
        assert.equal(result?._source.state === "closed", isStored);
        return isStored ? "the update" : "nothing of the update";
      });
    });
  }
}
