import assert from "node:assert/strict";
import { it } from "node:test";

import { Internal } from "../../../lib/kuzzle/Internal";
import { KuzzleInside } from "../../../lib/kuzzle/KuzzleInside";
import { RunningKuzzle } from "../../support/runningKuzzle";

class Optional extends Internal {
  readonly name = "something else";
  readonly cost = "it is slower";

  protected check(): boolean {
    throw new Error("a defect");
  }
}

/** A running Kuzzle, in which the listeners of the check are registered as the plugin does. */
function aKuzzle() {
  const fake = new RunningKuzzle();
  const inside = new KuzzleInside(fake.sdk);
  for (const [event, pipe] of Object.entries(inside.listeners.pipes)) {
    fake.pluginPipes.set(event, [pipe]);
  }
  for (const [event, hook] of Object.entries(inside.listeners.hooks)) {
    fake.hooks.add(event);
    hook();
  }
  const warnings: string[] = [];
  const verify = (...optional: Internal[]) =>
    inside.verify(optional, (message) => warnings.push(message));

  return { fake, inside, verify, warnings };
}

it("warns of nothing where Kuzzle is as expected", async () => {
  const { inside, verify, warnings } = aKuzzle();

  await verify();

  assert.deepEqual(warnings, []);
  for (const internal of [
    inside.listeners,
    inside.specifications,
    inside.impersonation,
    inside.validationSeam,
    inside.storageSeam,
    inside.koncordeFilters,
  ]) {
    assert.ok(internal.isTrusted, internal.name);
  }
  assert.ok(!inside.profilesRead.isTrusted);
});

it("names all that is missing, and what it costs, in one warning", async () => {
  const { fake, inside, verify, warnings } = aKuzzle();
  Object.assign(fake.kuzzle, { pluginPipes: {} });
  fake.kuzzle.validation["specification"] = new Map();

  await verify(new Optional(), inside.funnelOrder);

  assert.deepEqual(warnings, [
    "This Kuzzle is not as expected, and the plugin does without: " +
      "its map of pipes and hooks: TypeError: pluginPipes.get is not a function (without it, every event is fired, and every document is read before it); " +
      "its specifications of collections (without it, every document is read before it is updated, and none is folded); " +
      "something else: Error: a defect (without it, it is slower); " +
      'the order of the events of its funnel: Error: "checkRights" is another function (without it, NATIVE UPDATES ARE NOT INTERCEPTED: Kuzzle handles them as without the plugin).',
  ]);
  assert.ok(inside.impersonation.isTrusted);
});

it("does not let pipes change anything during the check", async () => {
  const { inside } = aKuzzle();
  const [pipe] = Object.values(inside.listeners.pipes);

  assert.equal(await pipe?.("payload"), "payload");
});

it("does not trust a part of Kuzzle again after it failed", async () => {
  const { fake, inside, verify } = aKuzzle();
  await verify();
  assert.ok(inside.specifications.isTrusted);

  Object.assign(fake.kuzzle, { validation: undefined });
  await inside.specifications.verify();

  assert.ok(!inside.specifications.isTrusted);
});
