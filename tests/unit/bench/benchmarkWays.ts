import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { byReadingFirst, bySteps } from "../../bench/ways";
import type { ApiRequest } from "../../support/request";

const update = {
  _id: "0",
  action: "update",
  body: {},
  collection: "taxis",
  controller: "document-update",
  index: "city",
};

describe("the benchmark's client that reads, and writes with ifVersion", () => {
  it("begins anew where others have written meanwhile", async () => {
    const sent: ApiRequest[] = [];
    const answers = [
      { error: null, result: { _source: { n: 1 }, _version: 5 } },
      { error: { status: 412 } },
      { error: null, result: { _source: { n: 2 }, _version: 6 } },
      { error: null, result: { _version: 7 } },
    ];

    const answer = await byReadingFirst(
      {
        send: (request) => {
          sent.push(request);
          return Promise.resolve({ body: answers[sent.length - 1]! });
        },
      },
      update,
      1,
    );

    assert.equal(answer.body, answers[3]);
    assert.deepEqual(
      sent.map(({ action, args, body }) => [action, args?.["ifVersion"], body]),
      [
        ["get", undefined, undefined],
        ["update", 5, { n: 2 }],
        ["get", undefined, undefined],
        ["update", 6, { n: 3 }],
      ],
    );
  });

  it("ends with any other error", async () => {
    for (const answers of [
      [{ error: { status: 404 } }],
      [
        { error: null, result: { _source: { n: 1 }, _version: 5 } },
        { error: { status: 409 } },
      ],
    ]) {
      const left = [...answers];
      const send = () => Promise.resolve({ body: left.shift()! });

      const answer = await byReadingFirst({ send }, update, 1);

      assert.equal(answer.body, answers.at(-1));
    }
  });
});

describe("the benchmark's device that sends steps", () => {
  it("has each measure stored only if the asset's is not as new", async () => {
    const sent: ApiRequest[] = [];
    const measure = { at: 17, value: 21 };

    await bySteps(
      {
        send: (request) => {
          sent.push(request);
          return Promise.resolve({ body: { error: null } });
        },
      },
      { ...update, body: { measures: { position: measure } } },
      1,
    );

    assert.deepEqual(sent, [
      {
        ...update,
        body: {
          steps: [
            {
              changes: { measures: { position: measure } },
              condition: {
                not: { range: { "measures.position.at": { gte: 17 } } },
              },
            },
          ],
        },
      },
    ]);
  });
});
