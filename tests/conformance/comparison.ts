import { inspect } from "node:util";

import { type ApiClient, type Protocol, protocols } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import type { ConformanceCase } from "./ConformanceCase";
import { type Difference, differencesOf } from "./differences";
import {
  type KnownDifference,
  knownDifferences,
  type Way,
} from "./knownDifferences";
import {
  type Observation,
  observe,
  prepareDocuments,
  type Sender,
  type Stage,
  STORAGE_ERROR,
} from "./observe";
import {
  observeContention,
  observeFold,
  observeRefusal,
} from "./observeTogether";
import { clearStage, furnish, startApplication } from "./setStage";

/** Applications, each with a database of Redis of its own, lest they be nodes of one cluster. */
const environments = {
  folding: {
    "kuzzle_plugins__document-update__fold": '*json:["*/*"]',
    kuzzle_services__internalCache__options__db: "2",
  },
  intercepting: {
    "kuzzle_plugins__document-update__interceptNative": "true",
    kuzzle_services__internalCache__options__db: "1",
  },
  /** Its `document:update` is the native one. */
  plain: {},
  unbatched: {
    "kuzzle_plugins__document-update__batchWrites": "false",
    kuzzle_services__internalCache__options__db: "3",
  },
} satisfies Record<string, Record<string, string>>;

export type Place = keyof typeof environments;

/** Where a way is taken, and what a client calls then. */
interface WayTaken extends Omit<Sender, "client"> {
  readonly place: Place;
  /** It differs from another way beneath `sdk.document.update` alone. */
  readonly isBeneath?: boolean;
  /** Of two ways with one turn, both meet the same protocols. */
  readonly turn: 0 | 1;
}

export const taken: Readonly<Record<Way, WayTaken>> = {
  action: { controller: "document-update", place: "plain", turn: 0 },
  batched: {
    controller: "document-update",
    isBeneath: true,
    isInCompany: true,
    place: "plain",
    turn: 1,
  },
  folded: {
    controller: "document-update",
    isBeneath: true,
    isUnheard: true,
    place: "folding",
    turn: 1,
  },
  interception: { controller: "document", place: "intercepting", turn: 1 },
  nativeBatched: {
    controller: "document",
    isBeneath: true,
    isInCompany: true,
    place: "intercepting",
    turn: 0,
  },
  nativeUnheard: {
    controller: "document",
    isBeneath: true,
    isInCompany: true,
    isUnheard: true,
    place: "intercepting",
    turn: 1,
  },
  single: {
    controller: "document-update",
    isBeneath: true,
    place: "unbatched",
    turn: 0,
  },
  unheard: {
    controller: "document-update",
    isBeneath: true,
    isInCompany: true,
    isUnheard: true,
    place: "plain",
    turn: 0,
  },
};

const NATIVE = { controller: "document" };

/** Compares the plugin with native in some of its ways, each over one protocol a case. */
export class Comparison {
  /** Rows of the table that the cases of a way have met. */
  readonly met: Readonly<Record<string, Set<KnownDifference>>>;
  /** How many cases were played by each way. */
  readonly played: Record<string, number> = {};
  /** How many were also played behind updates of the same document. */
  foldedBehindOthers = 0;
  readonly #clients = new Map<Place, Record<string, ApiClient>>();
  readonly #seed: number;
  readonly #stages = new Map<Place, Stage>();
  readonly #ways: readonly Way[];

  private constructor(ways: readonly Way[], seed: number) {
    this.met = Object.fromEntries(ways.map((way) => [way, new Set()]));
    this.#seed = seed;
    this.#ways = ways;
  }

  /**
   * Starts the applications and stores the documents of the cases.
   *
   * @param seed which protocols each way of a case meets
   */
  static async start(
    ways: readonly Way[],
    cases: readonly ConformanceCase[],
    seed: number,
  ): Promise<Comparison> {
    const comparison = new Comparison(ways, seed);
    try {
      await comparison.#start(cases);
    } catch (error) {
      await comparison.stop();
      throw error;
    }
    return comparison;
  }

  async #start(cases: readonly ConformanceCase[]): Promise<void> {
    let previous: Promise<unknown> = Promise.resolve();
    const all = this.places.map((place) => {
      // One after the other, lest they look for the same free ports.
      const start = () => startApplication(environments[place]);
      const application = previous.then(start);
      previous = application;
      return application.then((started) =>
        this.#furnish(place, started, cases),
      );
    });
    // Where one fails, the others are to be stopped: they have all started then.
    await Promise.allSettled(all);
    await Promise.all(all);
  }

  async #furnish(
    place: Place,
    application: TestApplication,
    cases: readonly ConformanceCase[],
  ): Promise<void> {
    const stage = await furnish(application);
    this.#stages.set(place, stage);
    const clients: Record<string, ApiClient> = {};
    for (const protocol of protocols) {
      clients[protocol] = await stage.application.connect(protocol);
    }
    this.#clients.set(place, clients);
    // One with a filter of its own subscribes before.
    const plays = cases
      .filter((each) => isPossibleIn(stage, each) && !each.filter)
      .map((each) => [each, this.#timesIn(place, each)] as const);
    await prepareDocuments(stage, plays);
  }

  get places(): readonly Place[] {
    return [...new Set<Place>(["plain", ...this.#placesOf(this.#ways)])];
  }

  stageOf(place: Place): Stage {
    return this.#stages.get(place)!;
  }

  /** Tells whether this Elasticsearch can have the collection of a case. */
  isPossible(each: ConformanceCase): boolean {
    return isPossibleIn(this.stageOf("plain"), each);
  }

  /**
   * Plays a case by every way that may differ.
   *
   * @param position decides, with the seed, over which protocols
   * @returns in words, where a way differs from native other than as the table knows
   */
  async play(each: ConformanceCase, position: number): Promise<string[]> {
    const ways = this.#ways.filter(
      (way) => !(taken[way].isUnheard && each.pipes),
    );
    const above = ways.filter((way) => !taken[way].isBeneath);
    const beneath = ways.filter((way) => taken[way].isBeneath);
    const protocolOf = (way: Way): Protocol => {
      const { on = protocols } = each;
      return on[(this.#seed + position + taken[way].turn) % on.length]!;
    };
    const natives = new Map<Protocol, Observation>();
    const plugins = new Map<Way, Observation>();
    // One after another in each application, the applications beside each other.
    const take = async (place: Place, some: readonly Way[]) => {
      for (const way of some.filter((each) => taken[each].place === place)) {
        const client = this.#clients.get(place)![protocolOf(way)]!;
        const sender = { client, ...taken[way] };
        plugins.set(way, await observe(this.stageOf(place), sender, each));
      }
    };
    const native = async () => {
      for (const protocol of new Set(ways.map(protocolOf))) {
        const client = this.#clients.get("plain")![protocol]!;
        const sender = { client, ...NATIVE };
        natives.set(
          protocol,
          await observe(this.stageOf("plain"), sender, each),
        );
      }
    };
    const takeAll = (some: readonly Way[], before = async () => {}) =>
      Promise.all(
        this.places.map(async (place) => {
          if (place === "plain") {
            await before();
          }
          await take(place, some);
        }),
      );

    await takeAll(above, native);
    const isStored = [...natives.values()].some(reachesStorage);
    if (isStored) {
      await takeAll(beneath);
    }

    const differences = [...plugins].flatMap(([way, plugin]) => {
      this.played[way] = (this.played[way] ?? 0) + 1;
      const protocol = protocolOf(way);
      return this.#unknown(way, natives.get(protocol)!, plugin).map(
        (difference) => `${way} over ${protocol}: ${inWords(difference)}`,
      );
    });
    const unanswered = [...natives]
      .filter(([, { answer }]) => "none" in answer)
      .map(([protocol]) => `native over ${protocol}: no answer`);
    const folded =
      isStored && this.#ways.includes("folded") && isFoldable(each)
        ? await this.#playFold(each)
        : [];

    return [...unanswered, ...differences, ...folded];
  }

  /** Plays updates of one document at once, by each way. */
  async playContention(): Promise<string[]> {
    const native = await observeContention(this.stageOf("plain"), NATIVE);
    const all: string[] = [];
    for (const way of this.#ways) {
      const stage = this.stageOf(taken[way].place);
      const plugin = await observeContention(stage, taken[way]);
      const failed = succeeded(plugin) ? [] : ["an update failed"];
      const unknown = this.#unknown(way, native, plugin).map(inWords);
      all.push(...[...failed, ...unknown].map((each) => `${way}: ${each}`));
    }
    return all;
  }

  /** Plays updates in a request that storage refuses, by each way. */
  async playRefusal(): Promise<string[]> {
    const native = await observeRefusal(this.stageOf("plain"), NATIVE);
    const all: string[] = [];
    for (const way of this.#ways) {
      const stage = this.stageOf(taken[way].place);
      let plugin = await observeRefusal(stage, taken[way]);
      // Those that are read first reach storage one by one, and may not leave in one request.
      for (
        let tries = 0;
        tries < 10 && way !== "single" && succeeded(plugin.neighbour);
        tries++
      ) {
        plugin = await observeRefusal(stage, taken[way]);
      }
      for (const of of ["refused", "neighbour"] as const) {
        const unknown = this.#unknown(way, native[of], plugin[of]);
        all.push(...unknown.map((each) => `${way}, ${of}: ${inWords(each)}`));
      }
    }
    return all;
  }

  async stop(): Promise<void> {
    const clients = [...this.#clients.values()].flatMap(Object.values);
    await Promise.all(clients.map((client: ApiClient) => client.close()));
    await Promise.all([...this.#stages.values()].map(clearStage));
  }

  /** Plays a case behind updates of the same document, which are folded. */
  async #playFold(each: ConformanceCase): Promise<string[]> {
    this.foldedBehindOthers++;
    const { folded } = taken;
    const [native, plugin] = await Promise.all([
      observeFold(this.stageOf("plain"), NATIVE, each, false),
      observeFold(this.stageOf(folded.place), folded, each, true),
    ]);

    return differencesOf(native, plugin).map(
      (difference) => `folded behind others: ${inWords(difference)}`,
    );
  }

  /** Lists differences other than those that the table knows, and remembers what it knew. */
  #unknown(way: Way, native: Observation, plugin: Observation): Difference[] {
    const events = native.events.filter(({ event }) => event === STORAGE_ERROR);
    const comparable = taken[way].isUnheard ? { ...native, events } : native;
    const all = differencesOf(comparable, plugin);

    return all.filter((difference) => {
      const known = knownDifferences.filter(
        (entry) => entry.by.includes(way) && entry.matches(difference, all),
      );
      known.forEach((entry) => this.met[way]!.add(entry));
      return known.length === 0;
    });
  }

  #placesOf(ways: readonly Way[]): Place[] {
    return ways.map((way) => taken[way].place);
  }

  /** How often a case may be played in an application. */
  #timesIn(place: Place, each: ConformanceCase): number {
    const ways = this.#ways.filter((way) => taken[way].place === place);
    const { on = protocols } = each;
    const behindOthers =
      ["plain", taken.folded.place].includes(place) && isFoldable(each) ? 1 : 0;
    const natives = place === "plain" ? Math.min(on.length, 2) : 0;

    return ways.length + natives + behindOthers;
  }
}

function isPossibleIn(
  { collections }: Stage,
  { collection = "plain" }: ConformanceCase,
): boolean {
  return collection in collections;
}

/** Tells whether an update got as far as what differs from way to way beneath `sdk.document.update`. */
function reachesStorage({ answer, events, stored }: Observation): boolean {
  const { id } = ("body" in answer && answer.body["error"]) || {};

  return (
    /^(services\.storage|validation)\./.test(String(id)) ||
    events.some(({ event }) =>
      [STORAGE_ERROR, "generic:document:injectMetadata"].includes(event),
    ) ||
    stored.some(({ _version }) => _version > 1)
  );
}

/**
 * An id, or a body, of its own protocol is not what updates have in common. Those of two users, and those
 * that are read before they are written, may overtake each other above storage.
 */
function isFoldable({
  collection = "plain",
  on = protocols,
  pipes,
  request = {},
  storedPastKuzzle,
}: ConformanceCase): boolean {
  return (
    !pipes &&
    // A difference of the table.
    !storedPastKuzzle &&
    on.includes("websocket") &&
    !["jwt", "requestId"].some((name) => name in request) &&
    // It is not kept in order with updates that do not wait.
    request.args?.["refresh"] !== "wait_for" &&
    !["specified", "strict"].includes(collection)
  );
}

function succeeded({ answer }: Observation): boolean {
  return "body" in answer && answer.body["error"] === null;
}

function inWords({ native, path, plugin }: Difference): string {
  const show = (value: unknown) =>
    inspect(value, { breakLength: Infinity, compact: true, depth: 3 });
  return `${path}: native ${show(native)}, plugin ${show(plugin)}`;
}
