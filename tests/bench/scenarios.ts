import * as contender from "./contenders";
import { present } from "./contenders";
import type { Distribution, Scenario } from "./Scenario";

/** Documents of the scenarios with more than one. */
const DOCUMENTS = 1_024;

const { barest, byDefault, fold, intercepting, naive } = contender;
const { native, nativeRetrying, prepared, separate } = contender;

const HOT: Distribution = { count: 1, kind: "zipf" };

export const plain: Scenario = {
  apart: "",
  args: {},
  audited: false,
  // bytes
  body: 100,
  clients: 1,
  contenders: [],
  counts: false,
  devices: false,
  documents: { count: DOCUMENTS, kind: "independent" },
  inFlight: 64,
  length: 1,
  name: "",
  part: "",
  pipes: false,
  protocol: "websocket",
  quick: false,
  specified: false,
  subscribers: 0,
  users: 0,
};

export const INDEPENDENT = "independent documents";
export const HOT_DOCUMENT = "one hot document";
export const CONDITIONS = "one condition at a time";
export const LIMITS = "limits";

export const IN_FLIGHT = [1, 16, 64, 256] as const;

/** Native is at its best with about as many at work on one document, by the retries they cost. */
export const HOT_IN_FLIGHT = [1, 16, 32, 64, 256] as const;

export const nameOf = (part: string, inFlight: number): string =>
  `${part}, ${inFlight} in flight`;

const byInFlight = (
  numbers: readonly number[],
  part: string,
  differing: Partial<Scenario>,
): Scenario[] =>
  numbers.map((inFlight) => ({
    ...plain,
    inFlight,
    name: nameOf(part, inFlight),
    part,
    ...differing,
    quick: inFlight === 64 && differing.quick === true,
  }));

const independent = byInFlight(IN_FLIGHT, INDEPENDENT, {
  contenders: present(
    ...[native, byDefault, intercepting],
    ...[separate, naive, barest],
  ),
  quick: true,
});

const hot = byInFlight(HOT_IN_FLIGHT, HOT_DOCUMENT, {
  contenders: present(
    ...[native, nativeRetrying, byDefault],
    ...[intercepting, fold, separate],
  ),
  documents: HOT,
  quick: true,
});

const zipf = byInFlight([16, 64], "zipf-distributed documents", {
  contenders: present(native, nativeRetrying, byDefault, intercepting, fold),
  documents: { count: DOCUMENTS, kind: "zipf" },
});

/** The only condition where a token is verified. */
export const LOGGED_IN = "20 logged-in users";

/** Conditions that differ from 64 in flight on independent documents, by their names. */
export const conditions = {
  [LOGGED_IN]: { quick: true, users: 20 },
  "40 kuzzle-sdk clients": {
    clients: 40,
    protocol: "kuzzle-sdk",
    quick: true,
  },
  "pipes on all events": { pipes: true },
  "a specification": { apart: "-specified", specified: true },
  "over HTTP": { protocol: "http", quick: true },
  "10 subscribers": { subscribers: 10 },
  "body of 10 kB": { body: 10_000 },
  "body of 100 kB": { body: 100_000 },
} satisfies Record<string, Partial<Scenario>>;

const oneAtATime = Object.entries(conditions).map(
  ([name, differing]): Scenario => ({
    ...plain,
    contenders: present(
      ...[native, byDefault, intercepting],
      ...(name === LOGGED_IN ? [prepared] : []),
    ),
    name,
    part: CONDITIONS,
    ...differing,
  }),
);

const waiting: Scenario = {
  ...plain,
  args: { refresh: "wait_for" },
  contenders: present(native, byDefault),
  length: 2,
  name: "refresh: wait_for",
  part: CONDITIONS,
  quick: true,
};

/** The same on a hot document, where the number of clients or the protocol could tell. */
const hotConditions = (
  [
    ["one hot document, over HTTP", { protocol: "http" }],
    [
      "one hot document, 40 kuzzle-sdk clients",
      { clients: 40, protocol: "kuzzle-sdk" },
    ],
  ] satisfies [string, Partial<Scenario>][]
).map(([name, differing]): Scenario => ({
  ...plain,
  contenders: present(native, nativeRetrying, byDefault, fold),
  documents: HOT,
  name,
  part: CONDITIONS,
  ...differing,
}));

export const AUDIT = "one hot document, 64 in flight, audited";

const audit: Scenario = {
  ...plain,
  audited: true,
  contenders: present(nativeRetrying, byDefault, intercepting),
  documents: HOT,
  name: AUDIT,
  part: "audit",
  quick: true,
  subscribers: 1,
};

export const COUNTER = "one hot counter, 64 in flight";
export const IF_VERSION = "ifVersion, independent documents, 64 in flight";
export const ASSET = "64 devices, one asset";
export const GUARD = "a read-only field, 64 in flight";

const conditional: Scenario[] = [
  {
    contenders: present(
      ...[contender.scripted, contender.readModifyWrite],
      ...[contender.modify, contender.modifyFolded],
    ),
    counts: true,
    documents: HOT,
    name: COUNTER,
  },
  {
    contenders: present(byDefault, contender.ifVersion),
    // Each client has its own.
    documents: { count: plain.inFlight, kind: "independent" } as const,
    name: IF_VERSION,
  },
  {
    contenders: present(
      ...[contender.underMutex, contender.withoutMutex],
      ...[contender.steps, contender.stepsFolded, contender.changedWith],
    ),
    devices: true,
    documents: HOT,
    name: ASSET,
  },
  // An application of its own takes longer to start than this to run.
  {
    contenders: present(byDefault, contender.guarded),
    name: GUARD,
    quick: false,
  },
].map((differing) => ({
  ...plain,
  part: "what native cannot do",
  quick: true,
  ...differing,
}));

const limits = byInFlight([1, 64], LIMITS, {
  contenders: present(
    ...[native, byDefault, contender.serverNow],
    ...[contender.elasticsearchUpdate, contender.elasticsearchBulk],
  ),
});

/** All that a full run compares. */
export const scenarios: readonly Scenario[] = [
  ...independent,
  ...hot,
  ...zipf,
  ...oneAtATime,
  waiting,
  ...hotConditions,
  audit,
  ...conditional,
  ...limits,
];
