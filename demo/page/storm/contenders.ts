import { DEVICES, type Measures, payloadOf, stepsOf } from "../../devices";
import { stormCollections } from "../../sampleData";
import type { Client } from "../Client";
import type { StormKind } from "./StormKind";

/** A document of a storm. */
export interface StormDocument {
  readonly _id: string;
  readonly collection: string;
  readonly index: string;
}

/** One update of a storm. */
export interface StormUpdate extends StormDocument {
  /** What the client has read of the counter, where its way reads it. */
  readonly count: number;
  /** Which of the updates of this way it is, from 0. */
  readonly step: number;
}

/** A way of updating that takes part in a storm. */
export interface Contender {
  readonly collection: string;
  /** Whether several updates may share a version, so that versions do not tell what was overwritten. */
  readonly isFolded: boolean;
  readonly key: string;
  readonly kind: StormKind;
  readonly label: string;
  /** What it is called in a sentence. */
  readonly name: string;
  /** Chosen when the page is opened. */
  readonly isDefault: boolean;
  /** Reads the counter before each update. */
  readonly read?: (client: Client, document: StormDocument) => Promise<number>;
  /**
   * Makes one update.
   *
   * @returns the version that it made
   */
  readonly update: (
    client: Client,
    update: StormUpdate,
    retryOnConflict: number | undefined,
  ) => Promise<number>;
}

/** Devices that measure the asset: each sends a payload in each wave. */
export const DEVICE_COUNT = 64;

/** Longest wait for an answer, in ms. */
const TIMEOUT_MS = 30_000;
const options = { timeout: TIMEOUT_MS } as const;

/** The first of each kind is what the others are compared with. */
export const contenders: readonly Contender[] = [
  {
    collection: stormCollections.plain,
    isDefault: true,
    isFolded: false,
    key: "native",
    kind: "update",
    label: "Native document:update",
    name: "native",
    update: async (client, { _id, collection, index, step }, retries) => {
      const { _version } = await client.document.update(
        index,
        collection,
        _id,
        { step },
        {
          ...options,
          ...(retries !== undefined && { retryOnConflict: retries }),
        },
      );
      return Number(_version);
    },
  },
  {
    collection: stormCollections.plain,
    isDefault: true,
    isFolded: false,
    key: "plugin",
    kind: "update",
    label: "Plugin",
    name: "the plugin",
    update: setStep,
  },
  {
    collection: stormCollections.folded,
    isDefault: true,
    isFolded: true,
    key: "fold",
    kind: "update",
    label: "Plugin, fold",
    name: "the plugin with fold",
    update: setStep,
  },
  {
    collection: stormCollections.plain,
    isDefault: true,
    isFolded: false,
    key: "loop",
    kind: "counter",
    label: "Client reads, adds, updates natively",
    name: "the client's loop",
    read: async (client, { _id, collection, index }) => {
      const found = await client.document.get(index, collection, _id, options);
      return Number(found._source["count"]);
    },
    update: async (client, { _id, collection, count, index }, retries) => {
      const { _version } = await client.document.update(
        index,
        collection,
        _id,
        { count: count + 1 },
        {
          ...options,
          ...(retries !== undefined && { retryOnConflict: retries }),
        },
      );
      return Number(_version);
    },
  },
  {
    collection: stormCollections.plain,
    isDefault: true,
    isFolded: false,
    key: "modify",
    kind: "counter",
    label: "Plugin, modify",
    name: "modify",
    update: increment,
  },
  {
    collection: stormCollections.folded,
    isDefault: true,
    isFolded: true,
    key: "modify-fold",
    kind: "counter",
    label: "Plugin, modify, fold",
    name: "modify with fold",
    update: increment,
  },
  {
    collection: stormCollections.plain,
    isDefault: true,
    isFolded: false,
    key: "mutex",
    kind: "measure",
    label: "Read, change, write, under a Mutex",
    name: "Kuzzle's Mutex",
    update: byServerCode("underMutex"),
  },
  {
    collection: stormCollections.plain,
    isDefault: true,
    isFolded: false,
    key: "no-mutex",
    kind: "measure",
    label: "Read, change, write, without",
    name: "read, change, write",
    update: byServerCode("readChangeWrite"),
  },
  {
    collection: stormCollections.plain,
    isDefault: true,
    isFolded: false,
    key: "steps",
    kind: "measure",
    label: "Plugin, modify with steps",
    name: "modify with steps",
    update: async (client, { _id, collection, index, step }) => {
      const { _version } = await client.documentUpdate.modify(
        index,
        collection,
        _id,
        { steps: stepsOf(measuresOf(step)) },
        options,
      );
      return Number(_version);
    },
  },
  {
    collection: stormCollections.plain,
    isDefault: true,
    isFolded: false,
    key: "update-with",
    kind: "measure",
    label: "Plugin, updateWith",
    name: "updateWith",
    update: byServerCode("updateWith"),
  },
];

/** The payload of an update: the devices send one after the other, wave by wave. */
export function measuresOf(step: number): Measures {
  const wave = Math.floor(step / DEVICE_COUNT);

  return payloadOf(step % DEVICE_COUNT, wave, DEVICE_COUNT);
}

/** Has the demo's server code store a payload. It tells no version. */
function byServerCode(action: string): Contender["update"] {
  return async (client, { _id, collection, index, step }) => {
    const body = { measures: measuresOf(step) };
    await client.query(
      { _id, action, body, collection, controller: DEVICES, index },
      options,
    );
    return NaN;
  };
}

async function setStep(
  client: Client,
  { _id, collection, index, step }: StormUpdate,
): Promise<number> {
  const { _version } = await client.documentUpdate.update(
    index,
    collection,
    _id,
    { step },
    options,
  );

  return Number(_version);
}

async function increment(
  client: Client,
  { _id, collection, index }: StormUpdate,
): Promise<number> {
  const { _version } = await client.documentUpdate.modify(
    index,
    collection,
    _id,
    { operators: { increment: { count: 1 } } },
    options,
  );

  return Number(_version);
}
