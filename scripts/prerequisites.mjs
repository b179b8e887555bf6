import { succeeds } from "./command.mjs";
import { dependenciesAreInstalled } from "./dependencies.mjs";
import { Unmet } from "./fail.mjs";
import { dockerEngineAnswers } from "./services/docker.mjs";
import { wantedServices } from "./services/index.mjs";
import { javaFor7 } from "./services/java.mjs";
import { binariesAreThere, hasRedis } from "./services/local.mjs";

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
    const noJava = elasticsearch && (await javaFor7().catch(String));
    if (String(noJava).startsWith("a JDK")) {
      missing.push([String(noJava), "openjdk-17-jdk-headless", "openjdk@17"]);
    }
    const brings = elasticsearch || !(await hasRedis());
    if (brings && !(await binariesAreThere()) && !(await runs("mvn"))) {
      const why =
        "it brings Elasticsearch and Redis where no Docker engine answers";
      missing.push([`Maven: ${why}`, "maven", "maven"]);
    }
  }
  const instead =
    missing.length === 0
      ? ""
      : "\n  Or start Docker, or name running services in ELASTICSEARCH_URL and REDIS_URL.";

  if (!dependenciesAreInstalled()) {
    const why = "Kuzzle compiles native modules when npm installs it";
    if (!(await runs("python3"))) {
      missing.push([`Python 3: ${why}`, "python3", "python"]);
    }
    if (!(await runs("make"))) {
      missing.push([`make: ${why}`, "make", "make"]);
    }
    if (!(await runs("c++"))) {
      missing.push([`a C++ compiler: ${why}`, "g++", "gcc"]);
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
