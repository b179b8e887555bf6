import assert from "node:assert/strict";
import { it } from "node:test";

import {
  type Profile,
  ProfilesRead,
  type User,
} from "../../../lib/kuzzle/ProfilesRead";
import { aUser, FakeKuzzle } from "../../support/fakeKuzzle";
import { isAsExpected } from "../../support/isAsExpected";

const EVENT = "core:security:profile:mGet";

const profiles = [{ isActionAllowed: async () => true }] as Profile[];

type Hook = (answer: object) => void;

/** The profiles that are remembered with a changed Kuzzle. */
function aKuzzle({
  answer = profiles,
  heard = (profileIds: unknown, response: unknown): object => ({
    args: [profileIds],
    response,
  }),
} = {}) {
  const profilesRead = new ProfilesRead();
  const hook = profilesRead.hooks[EVENT] as Hook;
  const read = (profileIds: unknown) => {
    hook(heard(profileIds, answer));
    return answer;
  };
  new FakeKuzzle().answers.set(EVENT, read);

  return { profilesRead, read };
}

const userOf = (profileIds: string[]) =>
  ({ ...aUser(), profileIds }) as unknown as User;

it("remembers the profiles that Kuzzle has read for a check", async () => {
  const { profilesRead, read } = aKuzzle();
  const profileIds = ["default"];

  assert.ok(await isAsExpected(profilesRead));
  read(profileIds);

  assert.equal(profilesRead.of(userOf(profileIds)), profiles);
  assert.equal(profilesRead.of(userOf(["default"])), undefined);
});

it("remembers none before the check", () => {
  const { profilesRead, read } = aKuzzle();
  const profileIds = ["default"];
  read(profileIds);

  assert.equal(profilesRead.of(userOf(profileIds)), undefined);
});

it("is not used if the event is renamed, or has another payload", async () => {
  for (const changes of [
    { heard: (ids: unknown, response: unknown) => ({ ids, response }) },
    {
      heard: (ids: readonly string[], response: unknown) => ({
        args: [[...ids]],
        response,
      }),
    },
    { heard: (ids: unknown) => ({ args: [ids] }) },
    { answer: new Map([["default", profiles[0]]]) },
    { answer: [{ isAllowed: async () => true }] },
    { answer: null },
  ] as unknown as NonNullable<Parameters<typeof aKuzzle>[0]>[]) {
    const { profilesRead, read } = aKuzzle(changes);
    const profileIds = ["default"];

    assert.ok(!(await isAsExpected(profilesRead)), JSON.stringify(changes));
    try {
      read(profileIds);
    } catch {
      // Kuzzle ignores errors of hooks.
    }
    assert.equal(profilesRead.of(userOf(profileIds)), undefined);
  }

  new FakeKuzzle();
  assert.ok(!(await isAsExpected(new ProfilesRead())));
});
