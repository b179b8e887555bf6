import type { JSONObject } from "kuzzle";

import type { ClientCall } from "../../lib/kuzzle/WriteTag";
import {
  type Conditional,
  ConditionalWrite,
} from "../../lib/storage/ConditionalWrite";
import { sendAlone, type StorageCall } from "../../lib/storage/bulk";
import {
  documentVersion,
  type DocumentVersion,
  type StoredDocument,
} from "../../lib/storage/readDocuments";
import { aCall } from "./aStorageRequest";
import { FakeElasticsearch, type Version, writeOf } from "./fakeElasticsearch";
import { FakeKuzzle } from "./fakeKuzzle";

interface Given extends Partial<Conditional> {
  readonly changes: JSONObject;
  readonly hasPipeline: boolean;
  readonly isDryRun: boolean;
  readonly isMetadataEventHeard: boolean;
  readonly version: Version;
}

/**
 * A write of "joe" on the condition that "liia" is at version 1, as which it is stored, by a client that
 * resends what failed, unless it is told not to.
 */
export function aConditionalWrite({
  changes = { seats: 5 },
  hasPipeline = false,
  isDryRun = false,
  isMetadataEventHeard = false,
  version = "7",
  ...conditional
}: Partial<Given> = {}) {
  new FakeKuzzle({}, version);
  const elasticsearch = new FakeElasticsearch(version, 3);
  elasticsearch.store("liia", { draft: true, seats: 1 });
  const stored: StorageCall[] = [];
  /** What is known of the document once it is stored. */
  const known: {
    document?: StoredDocument | undefined;
    version?: DocumentVersion | undefined;
  } = {};
  const write = new ConditionalWrite(
    {
      hasPipeline: () => hasPipeline,
      isMetadataEventHeard: () => isMetadataEventHeard,
      isReadForNothing: () => false,
      isTrusted: () => true,
      read: undefined,
      store: (call) => {
        stored.push(call);
        return sendAlone(call);
      },
    },
    {
      on: documentVersion(writeOf({ version: 1 }))!,
      onStored: (written) => {
        known.document = written?.copy();
        known.version = written?.version;
      },
      ...conditional,
    },
    isDryRun,
  );
  const call: ClientCall = aCall(elasticsearch.client, version, "liia", {
    ...changes,
    _kuzzle_info: { updatedAt: 7, updater: "joe" },
  });

  return {
    call,
    elasticsearch,
    known,
    store: () => write.onUpdate(call),
    stored,
    write,
  };
}
