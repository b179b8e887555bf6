/**
 * @typedef {object} Step
 * @property {string} script of package.json, with its arguments
 * @property {NodeJS.ProcessEnv} [env] added to its environment
 */

/**
 * @typedef {object} Plan
 * @property {NodeJS.ProcessEnv} [env] added to the environment of all of it
 * @property {number} [minutes] after which a step is ended, and has failed; 15 by default
 * @property {boolean} services whether it needs Elasticsearch and Redis
 * @property {boolean} [shares] whether its steps share one Elasticsearch; else they start their own
 * @property {(Step | string)[][][]} phases of lanes of steps. The lanes of a phase run side by side, the
 * steps of a lane one after another. Two lanes, about equally long, fill two cores.
 */

/** Elasticsearch lives for minutes: what the quick compiler makes of it costs less of the processor. */
const shortLived = { JAVA_TOOL_OPTIONS: "-XX:TieredStopAtLevel=1" };

const offline = ["format:check", "lint", "typecheck", "test:unit"];

/** What each command runs. @type {Record<string, Plan>} */
export const plans = {
  /** While you edit. */
  check: {
    phases: [[offline.slice(0, 2), offline.slice(2)]],
    services: false,
  },
  /** Before a commit. */
  test: {
    env: shortLived,
    phases: [[offline, ["test:live"]]],
    services: true,
  },
  /** Before a push. */
  full: {
    env: shortLived,
    minutes: 25,
    phases: [
      [["test:cluster"], ["test:unit:coverage"]],
      [
        [
          ...covered("test:conformance", "test:fuzz"),
          ...["test:elasticsearch", "test:demo", "test:faults"],
        ],
        [
          ...covered("test:change", "test:contention"),
          ...["test:package", "test:page", "test:kuzzle"],
          ...["soak -- 0.5", "bench -- --quick"],
          "test:features",
        ],
      ],
      // Of the unit tests and the covered steps together.
      [["test:coverage"]],
    ],
    services: true,
    shares: true,
  },
  /** Before a release. */
  release: {
    minutes: 60,
    phases: [
      [
        [
          {
            env: {
              CHANGE_TESTS: "*",
              CONFORMANCE_GENERATED: "80",
              CONFORMANCE_SAMPLE: "1",
            },
            script: "test:elasticsearch",
          },
          ...["soak -- 10", "bench"],
        ],
      ],
    ],
    services: true,
  },
};

/** Steps whose applications write down which code of the plugin has run. @param {string[]} scripts */
function covered(...scripts) {
  return scripts.map((script) => ({ env: { COVERAGE: "true" }, script }));
}
