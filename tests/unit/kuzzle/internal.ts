import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import { Internal, Unanswered } from "../../../lib/kuzzle/Internal";
import { settled } from "../../support/aWrite";

afterEach(() => mock.timers.reset());

/** A check that gets no answer at first. */
class Late extends Internal {
  readonly name = "a part";
  readonly cost = "it is slower";
  isAnswered = false;
  isAsExpected = true;

  protected check(): boolean {
    if (!this.isAnswered) {
      throw new Unanswered("no answer");
    }
    return this.isAsExpected;
  }
}

it("runs a check again until it gets an answer, and warns if that is not as expected", async () => {
  for (const isAsExpected of [true, false]) {
    mock.timers.enable({ apis: ["setTimeout"] });
    const told: string[] = [];
    const late = new Late();
    late.isAsExpected = isAsExpected;

    assert.equal(await late.verify((text) => told.push(text)), undefined);
    mock.timers.tick(500);
    await settled();
    assert.equal(late.isTrusted, false);
    late.isAnswered = true;
    mock.timers.tick(500);
    await settled();

    assert.equal(late.isTrusted, isAsExpected);
    assert.deepEqual(
      told,
      isAsExpected ? [] : ["a part (without it, it is slower)"],
    );
    mock.timers.reset();
  }
});
