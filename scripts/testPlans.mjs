/**
 * @typedef {object} Phase
 * @property {boolean} live whether it needs Elasticsearch and Redis
 * @property {readonly (readonly string[])[]} lanes package.json scripts with their arguments. The
 * scripts of a lane run one after another, and the lanes run in parallel. A phase ends when all of its
 * lanes have ended.
 */

/** Needs no services. @type {Phase} */
const offline = {
  lanes: [
    ["format:check", "lint"],
    ["typecheck", "test:unit"],
  ],
  live: false,
};

/**
 * What each command runs. The lanes of a phase take about equally long. Two lanes fill two cores,
 * because tests of a single client mostly wait.
 *
 * @type {Readonly<Record<string, readonly Phase[]>>}
 */
export const testPlans = {
  /** While the code changes. */
  check: [offline],
  /** Before each commit. */
  test: [
    offline,
    {
      lanes: [
        ["test:conformance", "test:fuzz"],
        [
          "test:demo",
          "test:page",
          "test:package",
          "test:contention",
          "test:change",
        ],
      ],
      live: true,
    },
  ],
  /** Needs other versions, several machines, or much time. */
  rest: [
    // Runs alone: three nodes and 64 clients take all cores, and the tests have timeouts.
    { lanes: [["test:cluster"]], live: true },
    {
      lanes: [
        ["test:elasticsearch"],
        [
          "test:kuzzle",
          "test:faults",
          "soak -- 2",
          "bench -- --quick",
          "test:features",
        ],
      ],
      live: true,
    },
  ],
};
