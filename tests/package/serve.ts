import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import type { Services } from "../../scripts/services/index.mjs";
import type { BareProject } from "../support/BareProject";
import { WebSocketClient } from "../support/WebSocketClient";

/** The document of the README's examples. */
export const sample = {
  _id: "liia",
  collection: "yellow-taxi",
  index: "nyc-open-data",
};

/** Argument of Node.js that has it load a file of this folder first. */
export const preload = (name: string) =>
  `--import=${pathToFileURL(`${root}tests/package/${name}`).href}`;

/**
 * Starts an application of a project as it stands, stores the sample, and stops it after its use.
 *
 * @param entry file of the project
 */
export async function serve(
  project: BareProject,
  services: Services,
  entry: string,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const application = await startKuzzle({
    cwd: project.folder,
    entry: join(project.folder, entry),
    execArgv: [preload("sendReady.mjs")],
    log: `${servicesFolder}/package.log`,
    services,
  });
  try {
    await storeSample(application.port);
    await use(application.port);
  } finally {
    await application.stop();
  }
}

async function storeSample(port: number): Promise<void> {
  const stage = await WebSocketClient.connect(port);
  const { _id, collection, index } = sample;
  if (!(await stage.call({ action: "exists", controller: "index", index }))) {
    await stage.call({ action: "create", controller: "index", index });
    await stage.call({
      action: "create",
      body: {},
      collection,
      controller: "collection",
      index,
    });
  }
  await stage.call({
    _id,
    action: "createOrReplace",
    body: { seats: 4 },
    collection,
    controller: "document",
    index,
  });
  await stage.close();
}

/** How TypeScript resolves modules, each with the module format that it writes. */
const MODULES = {
  bundler: ["--module", "preserve"],
  node10: ["--module", "commonjs", "--ignoreDeprecations", "6.0"],
  nodenext: ["--module", "nodenext"],
} as const;

export type Resolution = keyof typeof MODULES;

/** Compiles a file of a project, strictly. Throws with what the compiler says. */
export function compile(
  project: BareProject,
  resolution: Resolution,
  name: string,
  code: string,
): void {
  project.write(name, code);
  const requireThere = createRequire(`${project.folder}/package.json`);
  project.run(
    process.execPath,
    requireThere.resolve("typescript/bin/tsc"),
    "--strict",
    "--target",
    "es2022",
    "--types",
    "node",
    "--skipLibCheck",
    "--moduleResolution",
    resolution,
    ...MODULES[resolution],
    name,
  );
}
