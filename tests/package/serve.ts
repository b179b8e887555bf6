import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { JSONObject } from "kuzzle-sdk";

import { sample as demoSample } from "../../demo/sampleData";
import { startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import type { BareProject } from "../support/BareProject";
import type { SampleServices } from "../support/sampleServices";
import { Stage } from "../support/Stage";
import { WebSocketClient } from "../support/WebSocketClient";

/** The document of the examples. */
export const sample = {
  _id: demoSample.document._id,
  collection: demoSample.collection,
  index: demoSample.index,
};

/** What it begins with. */
const BODY = { seats: 4 };

/** Where applications run, and on what. */
export interface Setting {
  /** With the plugin, Kuzzle and kuzzle-sdk installed. */
  readonly project: BareProject;
  readonly services: SampleServices;
}

/** An application that was started as it stands. */
export interface Served {
  readonly port: number;
  /** A client with every right. */
  readonly stage: WebSocketClient;
  readonly users: Pick<Stage, "createUser">;
  readonly stop: () => Promise<void>;
}

/** Argument of Node.js that has it load a file of this folder first. */
const preload = (name: string) =>
  `--import=${pathToFileURL(`${root}tests/package/${name}`).href}`;

/** Starts an application of a project as it stands, and stores the sample. @param entry its file */
export async function start(
  { project, services }: Setting,
  entry: string,
): Promise<Served> {
  const application = await startKuzzle({
    cwd: project.folder,
    entry: join(project.folder, entry),
    env: { ...services.env },
    execArgv: [preload("sendReady.mjs")],
    log: `${servicesFolder}/package-${process.pid}.log`,
    services,
  });
  const { port } = application;
  const stage = await WebSocketClient.connect(port);
  const { collection, index } = sample;
  if (!(await stage.call({ action: "exists", controller: "index", index }))) {
    await createCollection(stage, { collection, index });
  }
  await storeSample(stage);

  return {
    port,
    stage,
    users: new Stage(randomBytes(4).toString("hex"), stage),
    stop: async () => {
      await stage.close();
      await application.stop();
    },
  };
}

/** Starts an application, and stops it after its use. */
export async function serve(
  setting: Setting,
  entry: string,
  use: (application: Served) => Promise<void>,
): Promise<void> {
  const application = await start(setting, entry);
  try {
    await use(application);
  } finally {
    await application.stop();
  }
}

/** Creates an index and its first collection. */
export async function createCollection(
  stage: WebSocketClient,
  {
    collection,
    index,
  }: { readonly collection: string; readonly index: string },
): Promise<void> {
  await stage.call({ action: "create", controller: "index", index });
  await stage.call({
    action: "create",
    body: {},
    collection,
    controller: "collection",
    index,
  });
}

/** Stores the sample as it was at the start. */
export async function storeSample(stage: WebSocketClient): Promise<void> {
  await stage.call({
    ...sample,
    action: "createOrReplace",
    body: BODY,
    controller: "document",
  });
}

/** What is stored of the sample, but for its metadata. */
export async function stored(stage: WebSocketClient): Promise<JSONObject> {
  const { _source } = await stage.call({
    ...sample,
    action: "get",
    controller: "document",
  });
  delete _source._kuzzle_info;

  return _source;
}

/** Runs a line of curl's, and returns the answer, with its head if the line asks for it. */
export function curl(project: BareProject, port: number, line: string) {
  // curl finds Kuzzle where the test has it.
  project.write(
    ".curlrc",
    `connect-to = "localhost:7512:127.0.0.1:${port}"\nsilent\n`,
  );
  project.write("curl.sh", line);

  const told = project
    .run("env", `CURL_HOME=${project.folder}`, "sh", "curl.sh")
    .replaceAll("\r\n", "\n");
  const head = told.startsWith("HTTP/")
    ? told.slice(0, told.indexOf("\n\n"))
    : "";

  return { body: JSON.parse(told.slice(head.length)), head };
}

/** Runs a file of a client, which connects to Kuzzle's usual port, and returns what it prints. */
export function runClient(
  project: BareProject,
  port: number,
  ...args: readonly string[]
): string {
  return project.run(
    "env",
    `README_PORT=${port}`,
    process.execPath,
    preload("toPort.mjs"),
    ...args,
  );
}

/** How TypeScript resolves modules, each with the module format that it writes. */
const MODULES = {
  bundler: ["--module", "preserve"],
  node10: ["--module", "commonjs", "--ignoreDeprecations", "6.0"],
  nodenext: ["--module", "nodenext"],
} as const;

export type Resolution = keyof typeof MODULES;

/** Compiles files of a project together, strictly. Throws with what the compiler says. */
export function compile(
  project: BareProject,
  resolution: Resolution,
  files: Readonly<Record<string, string>>,
): void {
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
    ...Object.entries(files).map(([name, code]) => project.write(name, code)),
  );
}
