import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";

import { servicesFolder } from "../../scripts/paths.mjs";
import type { Hiding } from "../application/hidings";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { ApiClient } from "../support/request";
import { differencesOf } from "./differences";
import { handwritten } from "./handwritten";
import { knownDifferences, type Way } from "./knownDifferences";
import {
  type Observation,
  observe,
  type Stage,
  STORAGE_ERROR,
} from "./observe";
import { clearStage, setStage } from "./setStage";

const ENTRY = "tests/application/hidden.ts";

/** An application from which the plugin cannot see all that it knows of. */
interface Application {
  /** Those that do not mask each other. */
  readonly hidden: readonly Hiding[];
  /** Names in the warning; none of the others is in it. */
  readonly named: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly controller?: string;
  readonly way?: Way;
  /** Nothing listens to events, so that the read before an update could be left out, and updates be folded. */
  readonly isUnheard?: boolean;
}

const names = {
  client: "its client of Elasticsearch",
  listeners: "its map of pipes and hooks",
  profiles: "the profiles that it reads to check a right",
  reads: "its reads of documents",
  specifications: "its specifications of collections",
  validation: "the validation of its document controller",
};

const allApplications: readonly Application[] = [
  {
    hidden: ["pipes' map", "profiles' hook"],
    named: [names.listeners, names.profiles],
  },
  {
    hidden: ["specifications", "client's class"],
    named: [names.specifications, names.reads, names.client],
  },
  {
    hidden: ["validation", "client's update"],
    named: [names.validation, names.client],
  },
  {
    hidden: ["client's get", "validation's name"],
    named: [names.reads, names.validation],
  },
  {
    controller: "document",
    env: { "kuzzle_plugins__document-update__interceptNative": "true" },
    hidden: ["pipes' map", "specifications", "funnel's execute"],
    named: [names.listeners, names.specifications],
    way: "interception",
  },
  {
    // What has specifications is not folded.
    env: { "kuzzle_plugins__document-update__fold": '*json:["*/*"]' },
    hidden: ["specifications"],
    isUnheard: true,
    named: [names.specifications],
    way: "folded",
  },
  {
    hidden: ["client's update"],
    isUnheard: true,
    named: [names.client],
    way: "unheard",
  },
];

const seed = Number(process.env["CONFORMANCE_SEED"] ?? Date.now() % 2 ** 31);
/** Of all cases, every n-th: of another share each time. */
const SAMPLE = 8;
/** The first one, whose `document:update` is native, and two of the others each time. */
const applications = allApplications.filter(
  (_, position) => position === 0 || (position + seed) % 3 === 0,
);
const UNSPECIFIED = applications.findIndex(({ way }) => way === "folded");

describe(`a Kuzzle that lacks what the plugin relies on (seed ${seed})`, () => {
  const stages: Stage[] = [];
  const clients: ApiClient[] = [];

  before(async () => {
    for (const [place, { env, hidden, isUnheard }] of applications.entries()) {
      const stage = await setStage(
        {
          HIDDEN: hidden.join(),
          ...(isUnheard && { PROBE_EVENTS: "false" }),
          kuzzle_services__internalCache__options__db: String(place),
          ...env,
        },
        ENTRY,
      );
      stages.push(stage);
      clients.push(await stage.application.connect("websocket"));
    }
  });

  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all(stages.map(clearStage));
  });

  for (const [place, { hidden, named }] of applications.entries()) {
    it(`is warned of, once and by name, without ${hidden.join(", ")}`, async () => {
      const { suffix } = stages[place]!.application;
      const log = await readFile(
        `${servicesFolder}/tests-${suffix}.log`,
        "utf8",
      );
      const warnings = log
        .split("\n")
        .filter((line) => line.includes("This Kuzzle is not as expected"));

      assert.equal(warnings.length, 1, log);
      const told = Object.values(names).filter((name) =>
        new RegExp(`${name}(: [^;]*)? \\(`).test(warnings[0]!),
      );
      assert.deepEqual(told.sort(), [...named].sort());
    });
  }

  for (const [position, each] of handwritten.entries()) {
    if (
      (position + seed) % SAMPLE !== 0 ||
      (each.on && !each.on.includes("websocket"))
    ) {
      continue;
    }
    it(`answers as native all the same: ${each.name}`, async (test) => {
      if (!((each.collection ?? "plain") in stages[0]!.collections)) {
        return test.skip("this Elasticsearch has no such collection");
      }
      // What is hidden from the plugin is there for Kuzzle: any native one will do.
      const natively = { client: clients[0]!, controller: "document" };
      const [native, ...others] = await Promise.all([
        observe(stages[0]!, natively, each),
        ...applications.slice(1).map((_, n) => observeIn(n + 1)),
      ]);
      const plugins = [await observeIn(0), ...others];

      const unknown = plugins.map((plugin, place) =>
        plugin === undefined
          ? []
          : unknownDifferences(native, plugin, applications[place]!),
      );
      assert.deepEqual(
        unknown,
        applications.map(() => []),
      );

      async function observeIn(
        place: number,
      ): Promise<Observation | undefined> {
        const { controller = "document-update", isUnheard } =
          applications[place]!;
        if (isUnheard && each.pipes) {
          return undefined;
        }
        const sender = { client: clients[place]!, controller };
        return observe(stages[place]!, sender, each);
      }
    });
  }

  it("folds nothing that may have specifications", async (test) => {
    if (UNSPECIFIED < 0) {
      return test.skip("in another run");
    }
    const { application, collections, index } = stages[UNSPECIFIED]!;
    const document = {
      _id: "not-folded",
      collection: collections["plain"]!,
      index,
    };
    await application.stage.call({
      ...document,
      action: "create",
      body: {},
      controller: "document",
    });
    const socket = await PipelinedSocket.connect(application.port);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, count) =>
        socket.send({
          ...document,
          action: "update",
          body: { count },
          controller: "document-update",
        }),
      ),
    );
    await socket.close();

    assert.deepEqual(
      answers.map(({ body }) => body["result"]?._version as unknown),
      Array.from({ length: 20 }, (_, n) => n + 2),
    );
  });
});

function unknownDifferences(
  native: Observation,
  plugin: Observation,
  { isUnheard, way = "action" }: Application,
): string[] {
  const events = native.events.filter(({ event }) => event === STORAGE_ERROR);
  const all = differencesOf(isUnheard ? { ...native, events } : native, plugin);

  return all
    .filter((difference) =>
      knownDifferences.every(
        ({ by, matches }) => !by.includes(way) || !matches(difference, all),
      ),
    )
    .map((difference) => inspect(difference, { breakLength: Infinity }));
}
