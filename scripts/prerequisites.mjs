import { succeeds } from "./command.mjs";
import { dependenciesAreInstalled } from "./dependencies.mjs";
import { Unmet } from "./fail.mjs";
import { dockerEngineAnswers } from "./services/docker.mjs";
import { wantedServices } from "./services/index.mjs";
import { findJava } from "./services/java.mjs";
import { binariesAreThere, JAVA } from "./services/local.mjs";

/** What compiles Kuzzle's native modules: a command, its name, the packages of Debian and Homebrew. */
const COMPILERS = /** @type {const} */ ([
  ["python3", "Python 3", "python3", "python"],
  ["make", "make", "make", "make"],
  ["c++", "a C++ compiler", "g++", "gcc"],
]);

/**
 * Checks that this machine has all that will be needed, before anything is installed or started.
 *
 * @param {{ services: boolean }} needed services: whether Elasticsearch and Redis will be needed
 * @throws {Unmet} one error for all that is missing
 */
export async function requirePrerequisites({ services }) {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new Unmet(
      `Node.js ${process.versions.node} is too old: Kuzzle needs 20 or later.`,
      "Install a newer one, for instance with nvm: nvm install 20",
    );
  }
  /** What is missing, and the packages of Debian and Homebrew. @type {[string, string, string][]} */
  const missing = [];
  const runs = (/** @type {string} */ file) => succeeds(file, ["--version"]);

  const { elasticsearch, redis } = wantedServices();
  const starts = services && (elasticsearch || redis);
  if (starts && !(await dockerEngineAnswers())) {
    const why = "for Elasticsearch and Redis, where no Docker engine answers";
    const { missing: jdk } = await findJava(JAVA);
    if (elasticsearch && jdk) {
      missing.push([`${jdk}: ${why}`, "openjdk-17-jdk-headless", "openjdk@17"]);
    }
    if (!(await binariesAreThere()) && !(await runs("mvn"))) {
      missing.push([`Maven: ${why}`, "maven", "maven"]);
    }
  }
  const instead =
    missing.length === 0
      ? ""
      : "\n  Or start Docker, or name running services in ELASTICSEARCH_URL and REDIS_URL.";

  for (const [file, name, debian, macos] of COMPILERS) {
    if (!dependenciesAreInstalled() && !(await runs(file))) {
      const why = "Kuzzle compiles native modules when npm installs it";
      missing.push([`${name}: ${why}`, debian, macos]);
    }
  }
  if (missing.length > 0) {
    throw new Unmet(
      `This machine lacks what is needed:${missing.map(([what]) => `\n  - ${what}`).join("")}`,
      `Debian: apt-get install ${missing.map(([, debian]) => debian).join(" ")}
  macOS: brew install ${missing.map(([, , macos]) => macos).join(" ")}${instead}`,
    );
  }
}
