import {
  becomesTrue,
  elasticsearchAnswers,
  elasticsearchVersion,
  redisAnswers,
} from "./answers.mjs";
import { dockerEngineAnswers, planDocker } from "./docker.mjs";
import { missingForLocal, planLocal } from "./local.mjs";
import { startPlan } from "./startPlan.mjs";
import { Unmet } from "../fail.mjs";

const GIVEN_TIMEOUT_MS = 30_000;

/**
 * @typedef {object} Services
 * @property {string} elasticsearchUrl
 * @property {string} elasticsearchVersion
 * @property {string} redisUrl
 * @property {() => Promise<void>} stop stops what was started, and that alone
 */

/**
 * @typedef {object} Wanted which services have to be started
 * @property {boolean} elasticsearch
 * @property {boolean} redis
 */

/**
 * Returns what this machine lacks to start the wanted services.
 *
 * @returns {Promise<import("../requireNothing.mjs").Missing[]>}
 */
export async function missingForServices() {
  const { elasticsearch, redis } = wanted();
  if ((!elasticsearch && !redis) || (await dockerEngineAnswers())) {
    return [];
  }

  return missingForLocal({ elasticsearch, redis });
}

/** @returns {Wanted} the services that the environment does not name */
function wanted() {
  const { ELASTICSEARCH_URL, REDIS_URL } = process.env;

  return { elasticsearch: !ELASTICSEARCH_URL, redis: !REDIS_URL };
}

/**
 * Brings up Elasticsearch and Redis: those that ELASTICSEARCH_URL and REDIS_URL name, otherwise with
 * Docker if an engine answers, otherwise as local processes.
 *
 * They stop when `stop` is called, and when this process ends, however it ends.
 *
 * @param {(stop: () => Promise<void>) => void} [onStart] receives a function that stops the services, as
 * soon as there is something to stop
 * @returns {Promise<Services>}
 * @throws {Unmet} if a service is out of reach, or this machine can start none
 */
export async function startServices(onStart = () => {}) {
  const { ELASTICSEARCH_URL, REDIS_URL } = process.env;
  await requireGiven(
    "ELASTICSEARCH_URL",
    ELASTICSEARCH_URL,
    elasticsearchAnswers,
  );
  await requireGiven("REDIS_URL", REDIS_URL, redisAnswers);

  let stop = async () => {};
  const started =
    ELASTICSEARCH_URL && REDIS_URL
      ? undefined
      : await start(wanted(), (stopKeeper) => {
          stop = stopKeeper;
          onStart(stop);
        });
  const elasticsearchUrl =
    ELASTICSEARCH_URL || String(started?.elasticsearchUrl);

  return {
    elasticsearchUrl,
    elasticsearchVersion: await elasticsearchVersion(elasticsearchUrl),
    redisUrl: REDIS_URL || String(started?.redisUrl),
    stop,
  };
}

/**
 * @param {Wanted} services
 * @param {(stop: () => Promise<void>) => void} started
 */
async function start(services, started) {
  const docker = await dockerEngineAnswers();

  return startPlan(
    () => (docker ? planDocker(services) : planLocal(services)),
    started,
  );
}

/**
 * @param {string} variable
 * @param {string | undefined} url
 * @param {(url: string) => Promise<boolean>} answers
 */
async function requireGiven(variable, url, answers) {
  if (!url) {
    return;
  }
  if (!URL.canParse(url)) {
    throw new Unmet(
      `${variable} is not a URL: ${url}`,
      "Expected something like http://localhost:9200 or redis://localhost:6379.",
    );
  }
  if (!(await becomesTrue(() => answers(url), GIVEN_TIMEOUT_MS))) {
    throw new Unmet(
      `Nothing answers at ${variable}=${url}.`,
      `Start it, or unset ${variable} to have one started for you.`,
    );
  }
}
