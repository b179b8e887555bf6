import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

import { featuresFolder } from "./copyFeatures";
import { type Scenario, scenariosOf } from "./scenarios";

interface Profile {
  readonly paths: readonly string[];
  readonly require: readonly string[];
  readonly tags: string;
  readonly worldParameters: { readonly protocol: string };
}

/** These need three nodes, ports that may be taken here, or one version of Redis. */
const OUT_OF_REACH = "@cluster or @network or @websocket or @redis";

/**
 * Runs a profile of Kuzzle's cucumber.config.cjs against the application at a port, and yields each
 * scenario as it ends.
 *
 * @param copy folder of the copied features
 * @param env configuration of the application, which the features read, too
 */
export async function* runProfile(
  copy: string,
  name: string,
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
      // Two arguments: some features look for them so.
      "--world-parameters",
      JSON.stringify({ port, protocol }),
      ...profile.paths,
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
