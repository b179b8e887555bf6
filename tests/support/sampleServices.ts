import { sample } from "../../demo/sampleData";
import { type Services, startServices } from "../../scripts/services/index.mjs";
import { deleteIndices, isolated } from "./TestApplication";

/** Name of the sample's index in Elasticsearch, with what follows it in that of each collection. */
const SAMPLE = `&${sample.index}.`;

/** Services, with the environment by which an application has them for itself. */
export interface SampleServices extends Services {
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts services for applications that store the sample of README, docs and demo: its index has one
 * name. Those that the environment names are used unless they have that index already, which may be
 * somebody's.
 *
 * @param database of Redis: applications in one database are nodes of one cluster
 */
export async function startSampleServices(
  database: number,
): Promise<SampleServices> {
  const given = process.env["ELASTICSEARCH_URL"];
  if (given && (await hasSample(given))) {
    process.env["ELASTICSEARCH_URL"] = "";
    process.env["REDIS_URL"] = "";
  }
  const services = await startServices();
  const { env, suffix } = isolated();
  const { elasticsearchUrl } = services;

  return {
    ...services,
    env: {
      ...env,
      kuzzle_services__internalCache__options__db: String(database),
    },
    stop: async () => {
      await deleteIndices(elasticsearchUrl, SAMPLE);
      await deleteIndices(elasticsearchUrl, suffix);
      await services.stop();
    },
  };
}

async function hasSample(elasticsearchUrl: string): Promise<boolean> {
  const path = `_cat/indices/${encodeURIComponent(SAMPLE)}*?format=json`;
  const response = await fetch(`${elasticsearchUrl}/${path}`);

  return ((await response.json()) as unknown[]).length > 0;
}
