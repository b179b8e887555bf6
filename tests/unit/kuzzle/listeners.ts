import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";

import { Listeners } from "../../../lib/kuzzle/Listeners";
import { FakeKuzzle } from "../../support/fakeKuzzle";
import { isAsExpected } from "../../support/isAsExpected";

let fake: FakeKuzzle;
beforeEach(() => {
  fake = new FakeKuzzle();
  fake.hooks.clear();
});

/** Registers what the check listens with, as the plugin does. */
function registered() {
  const listeners = new Listeners();
  for (const [event, pipe] of Object.entries(listeners.pipes)) {
    fake.pluginPipes.set(event, [pipe]);
  }
  for (const event of Object.keys(listeners.hooks)) {
    fake.hooks.add(event);
  }

  return listeners;
}

it("is as expected", async () => {
  assert.ok(await isAsExpected(registered()));
});

it("hears a pipe or a hook, by its name or a wildcard, from when it is there", async () => {
  const listeners = registered();
  await listeners.verify();
  const isHeard = listeners.hearing(
    "document:afterUpdate",
    "generic:document:injectMetadata",
  );
  assert.ok(!isHeard());

  for (const event of [
    "document:afterUpdate",
    "document:after*",
    "document:*",
    "generic:document:*",
    "generic:document:injectMetadata",
  ]) {
    fake.pluginPipes.set(event, [() => {}]);
    assert.ok(isHeard(), event);
    // Kuzzle leaves an empty list when a pipe is removed.
    fake.pluginPipes.set(event, []);
    assert.ok(!isHeard(), event);
    fake.hooks.add(event);
    assert.ok(isHeard(), event);
    fake.hooks.delete(event);
  }
});

it("ignores the plugin's own pipe, but no other on the same event", async () => {
  const listeners = registered();
  await listeners.verify();
  const isHeard = listeners.hearing("document:beforeUpdate");
  listeners.leaveOut(["document:beforeUpdate"]);
  const own = () => {};

  fake.pluginPipes.set("document:beforeUpdate", [own]);
  assert.ok(!isHeard());
  fake.pluginPipes.set("document:beforeUpdate", [own, () => {}]);
  assert.ok(isHeard());
  fake.pluginPipes.set("document:beforeUpdate", [own]);
  fake.pluginPipes.set("document:before*", [() => {}]);
  assert.ok(isHeard());
});

it("hears no other event", async () => {
  const listeners = registered();
  await listeners.verify();

  for (const event of ["document:before*", "document:afterCreate", "*"]) {
    fake.hooks.add(event);
  }
  assert.ok(!listeners.hearing("document:afterUpdate")());
});

it("assumes a listener to every event until the check has passed", () => {
  assert.ok(registered().hearing("document:afterUpdate")());
});

it("is not used if something is hidden, renamed or of another type", async () => {
  const { listenerCount, pluginPipes } = fake.kuzzle;
  const verified = async (changes: object) => {
    Object.assign(fake.kuzzle, { listenerCount, pluginPipes }, changes);
    const listeners = registered();
    const isTrusted = await isAsExpected(listeners);
    assert.equal(listeners.hearing("no:event")(), !isTrusted);
    return isTrusted;
  };

  assert.ok(await verified({}));
  for (const changes of [
    { pluginPipes: undefined },
    { pluginPipes: {} },
    { pluginPipes: [] },
    { pluginPipes: new Map() },
    { pluginPipes: { get: () => [() => {}] } },
    { listenerCount: undefined },
    { listenerCount: () => 0 },
    { listenerCount: () => 1 },
  ]) {
    assert.ok(!(await verified(changes)), JSON.stringify(changes));
  }
});
