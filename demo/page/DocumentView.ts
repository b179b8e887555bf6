import { interceptedTaxis, nativeTaxis, sample } from "../sampleData";
import type { Client } from "./Client";
import { byId, element } from "./elements";
import { showJson } from "./json/showJson";

const LISTED = 100;
const NONE = "–";
const NOT_FOUND = 404;
const times = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
});

/** A document as it was read. */
export interface ShownDocument {
  readonly source: Record<string, unknown>;
  readonly version: number;
}

/** What the storage has of a document. */
interface StoredDocument {
  readonly _source: Record<string, unknown>;
  readonly _version?: number | undefined;
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
    const client = this.#client();
    if (client === undefined) {
      return;
    }
    try {
      const { hits } = await client.document.search(
        sample.index,
        collection,
        {},
        { size: LISTED },
      );
      if (collection === this.collection) {
        this.#offer(hits.map(({ _id }) => _id).sort());
        await this.read();
      }
    } catch (error) {
      if (collection === this.collection) {
        this.#offer([]);
        this.#showNone(`Its documents cannot be listed: ${messageOf(error)}`);
      }
    }
  }

  /** Offers documents. The one that is looked at stays, unless it is not there. */
  #offer(ids: readonly string[]): void {
    // The reader may have chosen one meanwhile.
    const { id } = this;
    this.#documents.replaceChildren(
      ...ids.map((each) => element("option", { value: each }, each)),
    );
    const first = ids.includes(sample.document._id)
      ? sample.document._id
      : ids[0];
    this.#documents.value = ids.includes(id) ? id : (first ?? "");
    this.#onChange();
  }

  /** Reads the document, and marks what has changed since it was shown. */
  async read(): Promise<void> {
    const key = this.#key;
    const number = ++this.#reads;
    const { collection, id } = this;
    const client = this.#client();
    if (id === "") {
      this.#showNone("The collection has no documents.");
      return;
    }
    if (client === undefined) {
      this.#showUnread("Not connected.");
      return;
    }
    try {
      const found = await client.document.get(sample.index, collection, id);
      // Another one may have been asked for meanwhile.
      if (number === this.#reads && key === this.#key) {
        this.#show(found);
      }
    } catch (error) {
      if (number !== this.#reads || key !== this.#key) {
        return;
      }
      if ((error as { status?: number }).status === NOT_FOUND) {
        this.#showNone("This document no longer exists.");
      } else {
        this.#showUnread(`It cannot be read: ${messageOf(error)}`);
      }
    }
  }

  #show({ _source, _version }: StoredDocument): void {
    const { _kuzzle_info: info, ...source } = _source;
    const version = Number(_version);
    const before = this.shown;
    if (before?.version === version) {
      return;
    }
    this.#shown = { key: this.#key, source, version };
    byId("version").textContent = String(version);
    const at = Number(Object(info)["updatedAt"] ?? Object(info)["createdAt"]);
    byId("updated-at").textContent = at ? times.format(at) : NONE;
    showJson(byId("source"), source, before?.source);
    showJson(byId("kuzzle-info"), info ?? null);
  }

  /** Says why a document was not read, unless an earlier state of the same one is shown. */
  #showUnread(why: string): void {
    if (this.shown === undefined) {
      this.#showNone(why);
    }
  }

  #showNone(why: string): void {
    this.#shown = undefined;
    byId("version").textContent = NONE;
    byId("updated-at").textContent = NONE;
    byId("source").replaceChildren(element("span", { class: "empty" }, why));
    byId("kuzzle-info").replaceChildren();
  }

  get #key(): string {
    return JSON.stringify([this.collection, this.id]);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
