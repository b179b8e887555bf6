import { succeeds } from "./command.mjs";
import { dependenciesAreInstalled } from "./dependencies.mjs";
import { Unmet } from "./fail.mjs";
import { requireNothing } from "./requireNothing.mjs";
import { missingForServices } from "./services/index.mjs";

const NODE = 20;

/** @typedef {import("./requireNothing.mjs").Missing} Missing */

/**
 * Checks that this machine has all that will be needed, before anything is installed or started.
 *
 * @param {{ services: boolean }} needed services: whether Elasticsearch and Redis will be needed
 * @throws {Unmet} one error for all that is missing
 */
export async function requirePrerequisites({ services }) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < NODE) {
    throw new Unmet(
      `Node.js ${process.versions.node} is too old: Kuzzle needs ${NODE} or later.`,
      "Install a newer one, for instance with nvm: nvm install 20",
    );
  }

  requireNothing([
    ...(services ? await missingForServices() : []),
    ...((await dependenciesAreInstalled()) ? [] : await missingForModules()),
  ]);
}

/** @returns {Promise<Missing[]>} what npm needs, to compile the native modules of Kuzzle */
async function missingForModules() {
  const { CXX, MAKE, NODE_GYP_FORCE_PYTHON, PYTHON, npm_config_python } =
    process.env;
  const python = [NODE_GYP_FORCE_PYTHON, npm_config_python, PYTHON];

  return [
    ...(await missingUnless([...python, "python3", "python"], {
      debian: "python3",
      macos: "python",
      what: "Python 3: Kuzzle compiles native modules when npm installs it",
    })),
    ...(await missingUnless([MAKE, "make", "gmake"], {
      debian: "make",
      macos: "make",
      what: "make, for the same",
    })),
    ...(await missingUnless([CXX, "g++", "c++"], {
      debian: "g++",
      macos: "gcc",
      what: "a C++ compiler, for the same",
    })),
  ];
}

/**
 * @param {readonly (string | undefined)[]} commands any one of which is enough
 * @param {Missing} missing
 * @returns {Promise<Missing[]>}
 */
async function missingUnless(commands, missing) {
  for (const command of commands) {
    // A variable may contain arguments, as in CXX="ccache g++".
    const [file, ...args] = command?.split(" ") ?? [];
    if (file && (await succeeds(file, [...args, "--version"]))) {
      return [];
    }
  }

  return [missing];
}
