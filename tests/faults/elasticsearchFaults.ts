import { it } from "node:test";

import type { FaultSite } from "./FaultSite";
import { outages } from "./outages";

export function elasticsearchFaults(site: () => FaultSite): void {
  const index = () => {
    const { collection, index: name } = site().target;
    return `${site().services.elasticsearchUrl}/${encodeURIComponent(`@&${name}.${collection}`)}`;
  };
  const put = async (path: string, body: object): Promise<void> => {
    const response = await fetch(path, {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
      method: "PUT",
    });
    if (!response.ok) {
      throw new Error(await response.text());
    }
  };

  outages(site, "elasticsearch", "Elasticsearch", [
    "acknowledged",
    /^50[03] services\.storage\.(not_connected|unexpected_error)$/,
    "no answer in time",
  ]);

  it("a disk that is full: the index made read-only", async () => {
    const ledger = await site().ledger();

    // What Elasticsearch does at its flood-stage watermark.
    await put(`${index()}/_settings`, {
      "index.blocks.read_only_allow_delete": true,
    });
    await ledger.send(site().http, 50);
    await put(`${index()}/_settings`, {
      "index.blocks.read_only_allow_delete": null,
    });

    await site().report(
      "the disk full: the index is read-only (`index.blocks.read_only_allow_delete`)",
      ledger,
      [/^50[03] services\.storage\.unexpected_error$/],
    );
  });

  it("a cluster that is read-only", async () => {
    const { services } = site();
    const ledger = await site().ledger();
    const settings = `${services.elasticsearchUrl}/_cluster/settings`;

    await put(settings, { transient: { "cluster.blocks.read_only": true } });
    await ledger.send(site().http, 50);
    await put(settings, { transient: { "cluster.blocks.read_only": null } });

    await site().report(
      "the cluster read-only (`cluster.blocks.read_only`)",
      ledger,
      [/^50[03] services\.storage\.unexpected_error$/],
    );
  });

  it("a mapping conflict", async () => {
    const target = await site().application.createCollection("mapped", {
      mappings: { dynamic: "true", properties: { count: { type: "integer" } } },
    });
    const ledger = await site().ledger(4, target);

    await ledger.send(site().http, 20, { count: "many" });

    await site().report(
      "a mapping conflict: text for an integer field",
      ledger,
      ["400 services.storage.unexpected_bad_request"],
    );
  });

  it("the limit of fields reached", async () => {
    const target = await site().application.createCollection("limited", {
      mappings: { dynamic: "true" },
    });
    const ledger = await site().ledger(1, target);
    const fields = Object.fromEntries(
      Array.from({ length: 1_001 }, (_, n) => [`field-${n}`, n]),
    );

    await ledger.send(site().http, 3, fields);

    await site().report(
      "the limit of fields reached (`index.mapping.total_fields.limit`)",
      ledger,
      ["400 services.storage.unexpected_bad_request"],
    );
  });
}
