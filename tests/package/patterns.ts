import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { root } from "../../scripts/paths.mjs";
import { blocksOf } from "../support/markdown";
import { PipelinedSocket } from "../support/PipelinedSocket";
import { createCollection, type Served, type Setting, start } from "./serve";

/** The page whose blocks are run here: one that they share, and then, in turns, one before and one after. */
export const PATTERNS = "from-read-change-write-to-modify.md";

const [shared, ...blocks] = blocksOf(
  readFileSync(`${root}docs/${PATTERNS}`, "utf8"),
);
const befores = blocks.filter((_, position) => position % 2 === 0);
const afters = blocks.filter((_, position) => position % 2 === 1);
const namesIn = (code: string) =>
  [...code.matchAll(/^async function (\w+)/gm)].map(([, name = ""]) => name);
const names = befores.flatMap(({ code }) => namesIn(code));

/** Blocks as one object of their functions. What takes a function takes what it is to assign. */
const asObject = (own: typeof blocks) => `(() => {
${own.map(({ code }) => code).join("\n")}
return {
  ${names.filter((name) => name !== "changeAsset").join(", ")},
  changeAsset: (_id: string, changes: JSONObject) => changeAsset(_id, (asset) => void Object.assign(asset, changes)),
};
})()`;

/** The blocks of the page as an application whose action `run` calls one of their functions. */
export const patternsSources = {
  "docs-patterns.mts": `${shared?.code}
const patterns: Record<string, Record<string, (...args: any[]) => Promise<void>>> = {
  after: ${asObject(afters)},
  before: ${asObject(befores)},
};
app.controller.register("patterns", {
  actions: {
    run: {
      handler: (request) => {
        const { args, name, when } = request.getBody();
        return patterns[when]![name]!(...args);
      },
    },
  },
});
app.start();`,
};

type When = "after" | "before";

const asset = { _id: "truck", collection: "assets", index: "factory" };
const CLIENTS = 16;
const clients = Array.from({ length: CLIENTS }, (_, number) => number);

/** What the asset has at first. */
const FIRST = {
  devices: ["d1"],
  links: clients.map((number) => ({ _id: `d${number}`, since: 17 })),
  measures: { speed: { at: 17, value: 80 }, weight: { at: 17, value: 3 } },
  metadata: { colour: "red", owner: { name: "Joe" } },
};

/** Calls of each pattern one after another, and what they leave of what the asset had. */
const calls: readonly (readonly [
  name: string,
  calls: readonly (readonly unknown[])[],
  expected: JSONObject,
])[] = [
  ["changeAsset", [[{ alerts: 4 }]], { alerts: 4 }],
  [
    "storeMeasures",
    [
      [{ speed: { at: 18, value: 90 }, weight: { at: 16, value: 2 } }],
      [{ fuel: { at: 16, value: 50 }, speed: { at: 17, value: 85 } }],
    ],
    {
      measures: {
        fuel: { at: 16, value: 50 },
        speed: { at: 18, value: 90 },
        weight: { at: 17, value: 3 },
      },
    },
  ],
  ["link", [["d2"], ["d1"]], { devices: ["d1", "d2"] }],
  ["unlink", [["d1"], ["d3"]], { devices: [] }],
  ["unlinkByKey", [["d0"], ["none"]], { links: FIRST.links.slice(1) }],
  ["countAlert", [[], []], { alerts: 2 }],
  ["replaceMetadata", [[{ colour: "blue" }]], { metadata: { colour: "blue" } }],
];

/** Runs the blocks of the page of patterns, once they are compiled. */
export function patterns(setting: () => Setting): void {
  it(`docs/${PATTERNS} has each pattern before and after`, () => {
    assert.ok(names.length > 0);
    assert.deepEqual(
      afters.flatMap(({ code }) => namesIn(code)),
      names,
    );
    assert.deepEqual(
      [...names].sort(),
      [...calls.map(([name]) => name), "countMessage"].sort(),
    );
  });

  describe(`docs/${PATTERNS}`, () => {
    let application: Served;
    /** Sends requests while others are under way. */
    let socket: PipelinedSocket;

    const send = (
      when: When,
      name: string,
      args: readonly unknown[],
      _id = asset._id,
    ) =>
      socket.send({
        action: "run",
        body: { args: [_id, ...args], name, when },
        controller: "patterns",
      });
    const run = async (...call: Parameters<typeof send>) => {
      const { body } = await send(...call);
      assert.equal(body["error"], null);
    };
    const runAtOnce = (name: string, argsOf: (client: number) => unknown[]) =>
      Promise.all(clients.map((client) => run("after", name, argsOf(client))));
    const stored = async (_id = asset._id) => {
      const document = { ...asset, _id, action: "get", controller: "document" };
      const { _source, _version } = await application.stage.call(document);
      delete _source._kuzzle_info;
      return { source: _source as JSONObject, version: Number(_version) };
    };

    before(async () => {
      application = await start(setting(), "docs-patterns.mjs");
      socket = await PipelinedSocket.connect(application.port);
      await createCollection(application.stage, asset);
    });
    after(async () => {
      await socket.close();
      await application.stop();
    });
    beforeEach(() =>
      application.stage.call({
        ...asset,
        action: "createOrReplace",
        body: FIRST,
        controller: "document",
      }),
    );

    for (const when of ["before", "after"] as const) {
      for (const [name, all, expected] of calls) {
        it(`${name}, ${when}, does what it says`, async () => {
          for (const args of all) {
            await run(when, name, args);
          }

          assert.deepEqual((await stored()).source, { ...FIRST, ...expected });
        });
      }

      it(`countMessage, ${when}, creates the state and counts on`, async () => {
        const _id = `state-${when}`;
        await run(when, "countMessage", [], _id);
        await run(when, "countMessage", [], _id);

        assert.deepEqual((await stored(_id)).source, {
          messages: 2,
          state: "new",
        });
      });
    }

    it("changeAsset, at once: each is stored on what it has read, or refused with a 412", async () => {
      const { version } = await stored();

      const answers = await Promise.all(
        clients.map((client) =>
          send("after", "changeAsset", [{ [`c${client}`]: true }]),
        ),
      );

      const errors = answers.map(({ body }) => body["error"]);
      const kept = clients.filter((client) => errors[client] === null);
      const { source, version: after } = await stored();
      assert.ok(kept.length > 0);
      assert.equal(after, version + kept.length);
      assert.deepEqual(source, {
        ...FIRST,
        ...Object.fromEntries(kept.map((client) => [`c${client}`, true])),
      });
      for (const error of errors.filter((each) => each !== null)) {
        assert.equal(error.id, "plugin.document-update.version_mismatch");
        assert.equal(error.status, 412);
      }
    });

    it("without a condition, updates that overwrite each other all succeed", async () => {
      const { version } = await stored();

      const answers = await Promise.all(
        clients.map((client) =>
          socket.send({
            ...asset,
            action: "update",
            body: { ...FIRST, metadata: { colour: `${client}` } },
            controller: "document-update",
          }),
        ),
      );

      assert.ok(answers.every(({ body }) => body["error"] === null));
      assert.equal((await stored()).version, version + CLIENTS);
    });

    it("storeMeasures, at once: of each measure the newest is kept", async () => {
      await runAtOnce("storeMeasures", (client) => {
        // Not in the order of time.
        const at = 20 + ((client * 5) % CLIENTS);
        return [
          { [`own${client}`]: { at, value: 1 }, speed: { at, value: at } },
        ];
      });

      const { measures } = (await stored()).source;
      const newest = 20 + CLIENTS - 1;
      assert.deepEqual(measures.speed, { at: newest, value: newest });
      assert.equal(Object.keys(measures).length, CLIENTS + 2);
    });

    it("storeMeasures writes nothing if no measure is newer", async () => {
      const { version } = await stored();
      await run("after", "storeMeasures", [{ speed: { at: 17, value: 1 } }]);

      assert.equal((await stored()).version, version);
    });

    it("link and unlink, at once: each is kept", async () => {
      await runAtOnce("link", (client) => [`new${client}`]);
      assert.equal((await stored()).source["devices"].length, 1 + CLIENTS);

      await runAtOnce("unlink", (client) => [`new${client}`]);
      assert.deepEqual((await stored()).source["devices"], ["d1"]);
    });

    it("unlinkByKey, at once: each is kept", async () => {
      await runAtOnce("unlinkByKey", (client) => [`d${client}`]);

      assert.deepEqual((await stored()).source["links"], []);
    });

    it("replaceMetadata and countAlert, at once: nothing is lost", async () => {
      await Promise.all([
        runAtOnce("countAlert", () => []),
        run("after", "replaceMetadata", [{ colour: "blue" }]),
      ]);

      assert.deepEqual((await stored()).source, {
        ...FIRST,
        alerts: CLIENTS,
        metadata: { colour: "blue" },
      });
    });

    it("countMessage, at once, of a state that nobody has created: exact", async () => {
      const _id = "state-at-once";
      await Promise.all(
        clients.map(() => run("after", "countMessage", [], _id)),
      );

      assert.deepEqual((await stored(_id)).source, {
        messages: CLIENTS,
        state: "new",
      });
    });
  });
}
