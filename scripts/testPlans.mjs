/**
 * @typedef {object} Phase
 * @property {boolean} live needs Elasticsearch and Redis
 * @property {readonly (readonly string[])[]} lanes scripts of package.json with their arguments: those
 * of a lane run one after the other, and the lanes beside each other. All of a phase has passed or
 * failed before the next one begins.
 */

/** What takes no services. @type {Phase} */
const offline = {
  lanes: [
    ["format:check", "lint"],
    ["typecheck", "test:unit"],
  ],
  live: false,
};

/**
 * What each command runs. The lanes of a phase take about as long as each other: two fill two cores,
 * because tests of one client at a time mostly wait.
 *
 * @type {Readonly<Record<string, readonly Phase[]>>}
 */
export const testPlans = {
  /** Before each commit, and while the code changes. */
  check: [offline],
  /** What says whether a change is right. */
  test: [
    offline,
    {
      lanes: [
        ["test:conformance"],
        [
          "test:demo",
          "test:package",
          "test:contention",
          "test:fuzz",
          "test:change",
        ],
      ],
      live: true,
    },
  ],
  /** What takes other versions, more machines or much time. */
  rest: [
    // Three nodes and 64 clients leave nobody else a core, and updates wait for a time at most.
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
