import assert from "node:assert/strict";
import { it } from "node:test";

import {
  type Profile,
  ProfilesRead,
  type User,
} from "../../../lib/request/rights";
import { aUser } from "../../support/fakeKuzzle";

const profiles = [{ isActionAllowed: async () => true }] as Profile[];

const userOf = (profileIds: string[]) =>
  ({ ...aUser(), profileIds }) as unknown as User;

/** Tells what Kuzzle has read. */
function told(payload: unknown) {
  const profilesRead = new ProfilesRead();
  const hook = profilesRead.hooks["core:security:profile:mGet"] as (
    payload: unknown,
  ) => void;
  hook(payload);

  return profilesRead;
}

it("remembers the profiles that Kuzzle has read for a check", () => {
  const profileIds = ["default"];
  const profilesRead = told({ args: [profileIds], response: profiles });

  assert.equal(profilesRead.of(userOf(profileIds)), profiles);
  assert.equal(profilesRead.of(userOf(["default"])), undefined);
});

it("remembers nothing that Kuzzle tells in another form", () => {
  const profileIds = ["default"];
  for (const payload of [
    { ids: profileIds, response: profiles },
    { args: [[...profileIds]], response: profiles },
    { args: ["default"], response: profiles },
    { args: [profileIds] },
    { args: [profileIds], response: new Map([["default", profiles[0]]]) },
    { args: [profileIds], response: [{ isAllowed: async () => true }] },
    { args: [profileIds], response: [null] },
    { args: [profileIds], response: null },
  ]) {
    assert.equal(told(payload).of(userOf(profileIds)), undefined);
  }
});
