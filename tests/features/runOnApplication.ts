import assert from "node:assert/strict";

import { startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { type Services, startServices } from "../../scripts/services/index.mjs";
import { step } from "../../scripts/step.mjs";
import { runProfile } from "./runProfile";
import type { Scenario } from "./scenarios";
import { type WayOfUpdates, wayOfUpdates } from "./wayOfUpdates";

export interface Run {
  /** Kuzzle's own application for its features, or the same with the plugin. */
  readonly application: keyof typeof WAYS;
  /** Folder of the copied features. */
  readonly copy: string;
  /** Name of a profile in Kuzzle's cucumber.config.cjs. */
  readonly profile: string;
}

/** What Kuzzle's own CI configures. */
const ENV = {
  NODE_ENV: "development",
  kuzzle_http__accessControlAllowOrigin: "localhost",
  kuzzle_limits__loginsPerSecond: "50",
  kuzzle_server__protocols__http__additionalContentTypes:
    '*json:["application/x-yaml"]',
  kuzzle_server__protocols__mqtt__developmentMode: "false",
  kuzzle_services__storageEngine__commonMapping__dynamic: "true",
};
/** What tells the applications apart. */
const WAYS = {
  app: "natively",
  intercepting: "by the plugin",
} satisfies Record<string, WayOfUpdates>;

/**
 * Runs the features on an application that is started for them, with services of its own: they
 * empty the database, and expect an empty one.
 */
export async function runOnApplication(run: Run): Promise<Scenario[]> {
  delete process.env["ELASTICSEARCH_URL"];
  delete process.env["REDIS_URL"];
  const services = await startServices();
  try {
    return await step(`${run.profile} on ${run.application}`, () =>
      runWith(services, run),
    );
  } finally {
    await services.stop();
  }
}

async function runWith(
  services: Services,
  { application, copy, profile }: Run,
): Promise<Scenario[]> {
  const kuzzle = await startKuzzle({
    cwd: copy,
    entry: `${root}tests/features/${application}.ts`,
    env: ENV,
    log: `${servicesFolder}/features-${application}.log`,
    services,
  });
  try {
    const { port } = kuzzle;
    assert.equal(await wayOfUpdates(port), WAYS[application]);

    const scenarios: Scenario[] = [];
    for await (const scenario of runProfile(copy, profile, port, ENV)) {
      scenarios.push(scenario);
    }

    return scenarios;
  } finally {
    await kuzzle.stop();
  }
}
