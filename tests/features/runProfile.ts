import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

import { featuresFolder } from "./copyFeatures";
import { type Scenario, scenariosOf } from "./scenarios";

/** Scenarios of Kuzzle's features. */
export interface Selection {
  /** Folder of the copied features. */
  readonly copy: string;
  /** Name of a profile in Kuzzle's cucumber.config.cjs. */
  readonly profile: string;
  /** `file:line` of the scenarios; none is all. */
  readonly places: readonly string[];
}

interface Profile {
  readonly paths: readonly string[];
  readonly require: readonly string[];
  readonly tags: string;
  readonly worldParameters: { readonly protocol: string };
}

/** They need three nodes, or ports that may be taken here. */
const OUT_OF_REACH = "@cluster or @network or @websocket";

/**
 * Runs scenarios against the application at a port, and yields each scenario as it ends.
 *
 * @param env configuration of the application, which the features read, too
 */
export async function* runProfile(
  { copy, places, profile: name }: Selection,
  port: number,
  env: Record<string, string>,
): AsyncGenerator<Scenario> {
  const profiles = createRequire(`${copy}/`)("./cucumber.config.cjs");
  const profile: Profile = profiles[name];
  const { protocol } = profile.worldParameters;
  const cucumber = spawn(
    process.execPath,
    [
      "--import=tsx",
      `${featuresFolder}/node_modules/@cucumber/cucumber/bin/cucumber.js`,
      "--format=message",
      ...profile.require.map((glob) => `--require=${glob}`),
      `--tags=(${profile.tags}) and not (${OUT_OF_REACH})`,
      `--world-parameters=${JSON.stringify({ port, protocol })}`,
      ...(places.length > 0 ? places : profile.paths),
    ],
    {
      cwd: copy,
      env: {
        ...process.env,
        ...env,
        KUZZLE_PORT: String(port),
        KUZZLE_PROTOCOL: protocol,
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );

  try {
    yield* scenariosOf(createInterface({ input: cucumber.stdout }));
  } finally {
    cucumber.kill();
  }
}
