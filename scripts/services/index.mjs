import { Unmet } from "../fail.mjs";
import { answers, becomesTrue, elasticsearchVersion } from "./answers.mjs";
import { dockerEngineAnswers, planDocker } from "./docker.mjs";
import { planLocal } from "./local.mjs";
import { startPlan } from "./startPlan.mjs";

const GIVEN_TIMEOUT_MS = 30_000;

/**
 * @typedef {object} Services
 * @property {string} elasticsearchUrl
 * @property {string} elasticsearchVersion
 * @property {string} redisUrl
 * @property {() => Promise<void>} stop stops what was started, and that alone
 */

/** @typedef {{ elasticsearch: boolean, redis: boolean }} Wanted which services have to be started */

/** @returns {Wanted} the services that the environment does not name */
export function wantedServices() {
  const { ELASTICSEARCH_URL, REDIS_URL } = process.env;

  return { elasticsearch: !ELASTICSEARCH_URL, redis: !REDIS_URL };
}

/**
 * Brings up Elasticsearch and Redis: those that ELASTICSEARCH_URL and REDIS_URL name, otherwise with
 * Docker if an engine answers, otherwise as local processes.
 *
 * They stop when `stop` is called, and when this process ends, however it ends.
 *
 * @returns {Promise<Services>}
 * @throws {Unmet} if a service is out of reach, or this machine can start none
 */
export async function startServices() {
  const { ELASTICSEARCH_URL, REDIS_URL } = process.env;
  await requireGiven("ELASTICSEARCH_URL");
  await requireGiven("REDIS_URL");

  const wanted = wantedServices();
  /** @type {Partial<Awaited<ReturnType<typeof startPlan>>>} */
  let started = {};
  if (wanted.elasticsearch || wanted.redis) {
    const plan = (await dockerEngineAnswers()) ? planDocker : planLocal;
    started = await startPlan((folder) => plan(wanted, folder));
  }
  const { stop = async () => {} } = started;
  const elasticsearchUrl = ELASTICSEARCH_URL || `${started.elasticsearchUrl}`;

  return {
    elasticsearchUrl,
    elasticsearchVersion: await elasticsearchVersion(elasticsearchUrl),
    redisUrl: REDIS_URL || `${started.redisUrl}`,
    stop,
  };
}

/** @param {string} variable */
async function requireGiven(variable) {
  const url = process.env[variable];
  const answer = async () =>
    URL.canParse(`${url}`) &&
    (await becomesTrue(() => answers(`${url}`), GIVEN_TIMEOUT_MS));
  if (url && !(await answer())) {
    throw new Unmet(
      `Nothing answers at ${variable}=${url}.`,
      "Expected something like http://localhost:9200 or redis://localhost:6379. If it is unset, one is started for you.",
    );
  }
}
