import { sample } from "../../sampleData";
import type { Client } from "../Client";

const KEY = "document-update-storm";

/** Documents of storms, by collection. */
type Leftovers = Readonly<Record<string, readonly string[]>>;

/** Remembers the documents of a storm before they are made, so that a page that is loaded again deletes them. */
export function remember(collection: string, ids: readonly string[]): void {
  const all = read();
  write({ ...all, [collection]: [...(all[collection] ?? []), ...ids] });
}

/** Deletes the documents of the storms of this page. */
export async function deleteLeftovers(client: Client): Promise<void> {
  for (const [collection, ids] of Object.entries(read())) {
    if (ids.length > 0) {
      await client.query({
        action: "import",
        body: { bulkData: deletionsOf(ids) },
        collection,
        controller: "bulk",
        index: sample.index,
      });
    }
    write({ ...read(), [collection]: [] });
  }
}

/** Deletes them when the page is closed: the request outlives it. */
export function deleteLeftoversAtEnd(): void {
  addEventListener("pagehide", () => {
    for (const [collection, ids] of Object.entries(read())) {
      if (ids.length === 0) {
        continue;
      }
      void fetch(`/${sample.index}/${collection}/_bulk`, {
        body: JSON.stringify({ bulkData: deletionsOf(ids) }),
        headers: { "content-type": "application/json" },
        keepalive: true,
        method: "POST",
      });
    }
  });
}

/**
 * Updates may still be under way. `document:mDelete` passes over a document that changes meanwhile, and
 * answers that it was deleted; a bulk deletes it whatever its version.
 */
function deletionsOf(ids: readonly string[]): { delete: { _id: string } }[] {
  return ids.map((_id) => ({ delete: { _id } }));
}

function read(): Leftovers {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Leftovers;
}

function write(leftovers: Leftovers): void {
  sessionStorage.setItem(KEY, JSON.stringify(leftovers));
}
