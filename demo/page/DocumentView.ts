import { interceptedTaxis, nativeTaxis, sample } from "../sampleData";
import type { Client } from "./Client";
import { byId, element } from "./elements";
import { changedPaths } from "./json/changedPaths";
import { showJson } from "./json/showJson";

const LISTED = 100;

/** A document as it was read. */
export interface ShownDocument {
  readonly source: Record<string, unknown>;
  readonly version: number;
}

/** The document that is looked at. */
export class DocumentView {
  readonly #collections = byId<HTMLSelectElement>("collection");
  readonly #documents = byId<HTMLSelectElement>("document");
  readonly #client: () => Client | undefined;
  readonly #onChange: () => void;
  #shown: (ShownDocument & { key: string }) | undefined;
  #reads = 0;

  /**
   * @param client of the connection, while there is one
   * @param onCollection called with the collection that the reader chose
   * @param onChange called when another document is looked at
   */
  constructor(
    client: () => Client | undefined,
    onCollection: (collection: string) => void,
    onChange: () => void,
  ) {
    this.#client = client;
    this.#onChange = onChange;
    this.#collections.append(
      ...[nativeTaxis, interceptedTaxis].map((name) =>
        element("option", { value: name }, name),
      ),
    );
    this.#collections.addEventListener("change", () => {
      onCollection(this.collection);
      void this.list();
    });
    this.#documents.addEventListener("change", () => {
      this.#onChange();
      void this.read();
    });
  }

  get collection(): string {
    return this.#collections.value;
  }

  get id(): string {
    return this.#documents.value;
  }

  /** What is shown of the document, unless nothing is. */
  get shown(): ShownDocument | undefined {
    return this.#shown?.key === this.#key ? this.#shown : undefined;
  }

  /** Looks at the document of the same identifier in another collection. */
  async show(collection: string): Promise<void> {
    if (collection !== this.collection) {
      this.#collections.value = collection;
      await this.list();
    }
  }

  /** Reads which documents there are. */
  async list(): Promise<void> {
    const { collection } = this;
    const found = await this.#client()?.document.search(
      sample.index,
      collection,
      {},
      { size: LISTED },
    );
    if (found === undefined || collection !== this.collection) {
      return;
    }
    // The reader may have chosen one meanwhile.
    const { id } = this;
    const ids = found.hits.map(({ _id }) => _id).sort();
    this.#documents.replaceChildren(
      ...ids.map((each) => element("option", { value: each }, each)),
    );
    const first = ids.includes(sample.document._id)
      ? sample.document._id
      : ids[0];
    this.#documents.value = ids.includes(id) ? id : (first ?? "");
    this.#onChange();
    await this.read();
  }

  /** Reads the document, and marks what has changed since it was shown. */
  async read(): Promise<void> {
    const key = this.#key;
    const number = ++this.#reads;
    const { collection, id } = this;
    if (id === "") {
      return;
    }
    const found = await this.#client()
      ?.document.get(sample.index, collection, id)
      .catch(() => undefined);
    // Another one was asked for meanwhile.
    if (found === undefined || number !== this.#reads || key !== this.#key) {
      return;
    }
    const { _kuzzle_info: info, ...source } = found._source;
    const version = Number(found._version);
    const before = this.shown;
    if (before?.version === version) {
      return;
    }
    this.#shown = { key, source, version };
    byId("version").textContent = String(version);
    const at = Number(Object(info)["updatedAt"] ?? Object(info)["createdAt"]);
    byId("updated-at").textContent = at
      ? new Date(at).toLocaleTimeString("en-GB")
      : "–";
    showJson(
      byId("source"),
      source,
      before ? changedPaths(before.source, source) : undefined,
    );
    showJson(byId("kuzzle-info"), info ?? null);
  }

  get #key(): string {
    return JSON.stringify([this.collection, this.id]);
  }
}
