import * as contender from "./contenders";
import { present } from "./contenders";
import type { Contender, Distribution, Scenario } from "./Scenario";

/** Bytes of a small body. */
export const SMALL = 100;
/** Documents of the scenarios with more than one. */
const DOCUMENTS = 1_024;

const { barest, byDefault, fold, foldGroup, group } = contender;
const { intercepting, naive, native, nativeRetrying } = contender;

export const plain: Scenario = {
  apart: "",
  args: {},
  body: SMALL,
  clients: 1,
  contenders: [],
  documents: { count: DOCUMENTS, kind: "independent" },
  inFlight: 16,
  length: 1,
  loggedIn: false,
  name: "",
  part: "",
  pipes: false,
  protocol: "websocket",
  quick: false,
  subscribers: 0,
};

interface Family {
  readonly name: string;
  readonly documents: Distribution;
  readonly contenders: readonly Contender[];
}

export const families: readonly Family[] = [
  {
    contenders: present(
      ...[native, naive, barest, byDefault, intercepting, group, foldGroup],
    ),
    documents: plain.documents,
    name: "independent documents",
  },
  {
    contenders: present(
      ...[native, nativeRetrying, naive, byDefault, intercepting],
      ...[fold, group, foldGroup],
    ),
    documents: { count: DOCUMENTS, kind: "zipf" },
    name: "zipf-distributed documents",
  },
  {
    contenders: present(
      ...[native, nativeRetrying, naive, barest, byDefault, intercepting],
      ...[fold, foldGroup],
    ),
    documents: { count: 1, kind: "zipf" },
    name: "one hot document",
  },
];

export const IN_FLIGHT = [1, 16, 64, 256] as const;

export const nameOf = (family: string, inFlight: number): string =>
  `${family}, ${inFlight} in flight`;

/** Every distribution of documents by every number in flight. */
const core = families.flatMap(({ contenders, documents, name: part }) =>
  IN_FLIGHT.map((inFlight): Scenario => ({
    ...plain,
    contenders,
    documents,
    inFlight,
    name: nameOf(part, inFlight),
    part,
    quick: inFlight === 64,
  })),
);

/** One condition at a time that differs from 16 in flight on independent documents. */
const variations = (
  [
    ["over HTTP", { clients: 16, protocol: "http" }],
    ["16 clients", { clients: 16 }],
    ["body of 10 kB", { body: 10_000 }],
    ["body of 100 kB", { body: 100_000 }],
    ["logged-in user", { loggedIn: true }],
    ["10 subscribers", { subscribers: 10 }],
    ["with pipes", { pipes: true }],
    ["refresh: wait_for", { args: { refresh: "wait_for" }, length: 2 }],
  ] satisfies [string, Partial<Scenario>][]
).map(([name, differing]): Scenario => ({
  ...plain,
  contenders: present(native, naive, byDefault, intercepting, group),
  name,
  part: "one condition at a time",
  quick: true,
  ...differing,
}));

/** The same on a hot document, where the number of clients or the protocol could tell. */
const hotVariations = (
  [
    ["one hot document, over HTTP", { clients: 64, protocol: "http" }],
    ["one hot document, 64 clients", { clients: 64 }],
    ["one hot document, 10 subscribers", { subscribers: 10 }],
  ] satisfies [string, Partial<Scenario>][]
).map(([name, differing]): Scenario => ({
  ...plain,
  contenders: present(native, nativeRetrying, byDefault, fold),
  documents: { count: 1, kind: "zipf" },
  inFlight: 64,
  name,
  part: "one condition at a time",
  ...differing,
}));

const limits = IN_FLIGHT.map((inFlight): Scenario => ({
  ...plain,
  contenders: present(
    ...[native, byDefault, group, contender.serverNow],
    ...[contender.elasticsearchUpdate, contender.elasticsearchBulk],
  ),
  inFlight,
  name: nameOf("limits", inFlight),
  part: "limits",
  quick: inFlight === 16,
}));

/** All that a full run compares. */
export const scenarios: readonly Scenario[] = [
  ...core,
  ...variations,
  ...hotVariations,
  ...limits,
];
