import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";

import { servicesFolder } from "../../scripts/paths.mjs";
import type { Hiding } from "../application/hidings";
import type { ApiClient } from "../support/request";
import { differencesOf } from "./differences";
import { handwritten } from "./handwritten";
import { knownDifferences } from "./knownDifferences";
import { type Observation, observe, type Stage } from "./observe";
import { clearStage, setStage } from "./setStage";

const ENTRY = "tests/application/hidden.ts";

/** An application from which the plugin cannot see all that it knows of. */
interface Application {
  /** Those that do not mask each other. */
  readonly hidden: readonly Hiding[];
  /** Names in the warning; none of the others is in it. */
  readonly named: readonly string[];
}

const names = {
  client: "its client of Elasticsearch",
  creates: "its creation of documents",
  listeners: "its map of pipes and hooks",
  reads: "its reads of documents",
  specifications: "its specifications of collections",
  validation: "the validation of its document controller",
};

/** Without any of it, the plugin does without all. */
const allApplications: readonly Application[] = [
  {
    hidden: ["pipes' map", "profiles' hook"],
    named: [names.listeners],
  },
  {
    hidden: ["specifications", "client's class"],
    named: [names.client, names.creates, names.reads, names.specifications],
  },
  {
    hidden: ["client's update"],
    named: [names.client],
  },
  {
    hidden: ["client's get", "validation's name"],
    named: [names.validation, names.reads],
  },
  {
    hidden: ["validation"],
    named: [names.validation],
  },
];

const seed = Number(process.env["CONFORMANCE_SEED"] ?? Date.now() % 2 ** 31);
/** Of all cases, every n-th: of another share each time. */
const SAMPLE = 8;
/** The first one, whose `document:update` is native, and two of the others each time. */
const applications = allApplications.filter(
  (_, position) => position === 0 || (position + seed) % 2 === 0,
);

describe(`a Kuzzle that lacks what the plugin relies on (seed ${seed})`, () => {
  const stages: Stage[] = [];
  const clients: ApiClient[] = [];

  before(async () => {
    for (const [place, { hidden }] of applications.entries()) {
      const stage = await setStage(
        {
          HIDDEN: hidden.join(),
          kuzzle_services__internalCache__options__db: String(place),
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
      const told = `the plugin does without: ${named.join(", ")}. `;
      assert.ok(warnings[0]?.includes(told), warnings[0]);
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

      const unknown = plugins.map((plugin) =>
        unknownDifferences(native, plugin),
      );
      assert.deepEqual(
        unknown,
        applications.map(() => []),
      );

      async function observeIn(place: number): Promise<Observation> {
        const sender = {
          client: clients[place]!,
          controller: "document-update",
        };
        return observe(stages[place]!, sender, each);
      }
    });
  }
});

function unknownDifferences(
  native: Observation,
  plugin: Observation,
): string[] {
  const all = differencesOf(native, plugin);

  return all
    .filter((difference) =>
      knownDifferences.every(
        ({ by, matches }) =>
          !by.includes("action") || !matches(difference, all),
      ),
    )
    .map((difference) => inspect(difference, { breakLength: Infinity }));
}
