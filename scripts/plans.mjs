/**
 * @typedef {object} Step
 * @property {string} script of package.json, with its arguments
 * @property {Record<string, string>} [env] added to its environment
 * @property {number} [minutes] after which it is ended, and has failed; 15 by default
 */

/**
 * @typedef {object} Plan
 * @property {boolean} services whether it needs Elasticsearch and Redis
 * @property {boolean} [shares] whether its steps share one Elasticsearch; else they start their own
 * @property {(Step | string)[][][]} phases of lanes of steps. The lanes of a phase run side by side, the
 * steps of a lane one after another. Two lanes, about equally long, fill two cores.
 */

const offline = ["format:check", "lint", "typecheck", "test:unit"];

/** What each command runs. @type {Record<string, Plan>} */
export const plans = {
  /** While you edit. */
  check: {
    phases: [[offline.slice(0, 2), offline.slice(2)]],
    services: false,
  },
  /** Before a commit. */
  test: { phases: [[offline, ["test:live"]]], services: true },
  /** Before a push. */
  full: {
    phases: [
      // Alone: three nodes and 64 clients take all cores, and its tests have deadlines.
      [["test:cluster"]],
      [
        ["test:conformance", "test:fuzz", "test:elasticsearch"],
        [
          ...["test:coverage", "test:contention", "test:change", "test:demo"],
          ...["test:page", "test:package", "test:kuzzle", "test:faults"],
          ...["soak -- 1", "bench -- --quick", "test:features"],
        ],
      ],
    ],
    services: true,
    shares: true,
  },
  /** Before a release. */
  release: {
    phases: [
      [
        [
          { env: { FULL: "true" }, minutes: 60, script: "test:elasticsearch" },
          { minutes: 30, script: "soak -- 10" },
          { minutes: 60, script: "bench" },
        ],
      ],
    ],
    services: true,
  },
};
