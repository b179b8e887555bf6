import assert from "node:assert/strict";
import { before, it } from "node:test";

import { copyHeaders } from "../../../lib/request/nativeRequest";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

const NODE = "X-Kuzzle-Node";

before(() => new FakeKuzzle());

it("ignores responses with only the header of the node", () => {
  const [from, to] = [aRequest(), aRequest()];

  copyHeaders(from, to);

  assert.deepEqual(Object.keys(to.response.headers), [NODE]);
});

it("copies the header of the node if a pipe has set it", () => {
  const [from, to] = [aRequest(), aRequest()];
  from.response.setHeader(NODE, "renamed");

  copyHeaders(from, to);

  assert.match(String(to.response.headers[NODE]), /renamed/);
});

it("copies the headers of a raw answer", () => {
  const [from, to] = [aRequest(), aRequest()];
  from.response.configure({ format: "raw" });
  from.response.setHeader("X-Taxi", "yellow");

  copyHeaders(from, to);

  assert.equal(to.response.headers["X-Taxi"], "yellow");
});
