import assert from "node:assert/strict";
import { it } from "node:test";

import * as kerror from "kuzzle/dist/lib/kerror";

import {
  nativeRightCheck,
  ProfilesRead,
  requireUser,
  type User,
  userToCheck,
  withNativeRight,
} from "../../../lib/request/rights";
import {
  aRequest,
  aUser,
  FakeKuzzle,
  ofServerCode,
} from "../../support/fakeKuzzle";

const user = (options: { _id?: string; allowed?: boolean }) =>
  aUser(options) as unknown as User;

const { connection } = ofServerCode;
const fromServer = { connection };

it("refuses a request of a client without a user, and takes one of server code", () => {
  requireUser(aRequest());
  requireUser(aRequest({}, ofServerCode));
  for (const protocol of ["http", "websocket", "mqtt", "internal"]) {
    const connection = { id: "a", protocol };
    assert.throws(() => requireUser(aRequest({}, { connection, user: null })), {
      id: "plugin.document-update.user_required",
      props: ["document-update", "update"],
      status: 401,
    });
  }
});

it("checks clients as configured, and server code only if it asks for that", () => {
  const asked = { __checkRights__: true };
  const checked = (data: object, context: object, checksClients: boolean) =>
    userToCheck(aRequest(data, context), checksClients)?.["_id"];

  assert.equal(checked({}, {}, true), "joe");
  assert.equal(checked({}, {}, false), undefined);
  // What a client sends is no such request.
  assert.equal(checked(asked, {}, false), undefined);
  assert.equal(checked({}, fromServer, true), undefined);
  assert.equal(checked(asked, fromServer, false), "joe");
  // As Kuzzle does, which checks the right on the plugin's action for any such value.
  assert.equal(checked({ __checkRights__: 1 }, fromServer, false), "joe");
});

it("refuses a user without the right with Kuzzle's own error, and runs nothing", async () => {
  for (const [_id, name] of [
    ["-1", "unauthorized"],
    ["joe", "forbidden"],
  ] as const) {
    const kuzzle = new FakeKuzzle();
    const native = kerror.get(
      "security",
      "rights",
      name,
      "document",
      "update",
      _id,
    );
    const request = aRequest({ controller: "document" });

    const { error } = await withNativeRight(
      request,
      user({ _id, allowed: false }),
      async () => false,
      () => assert.fail("the action ran"),
    );

    assert.deepEqual(
      { ...error?.toJSON(), stack: "" },
      { ...native.toJSON(), stack: "" },
    );
    assert.deepEqual(kuzzle.fired, [
      { args: [request], event: "request:onUnauthorized" },
    ]);
  }
});

/** Of a check, once Kuzzle has told that it has read profiles. */
function told(payload: unknown) {
  const profilesRead = new ProfilesRead();
  const hook = profilesRead.hooks["core:security:profile:mGet"] as (
    payload: unknown,
  ) => void;
  hook(payload);

  return profilesRead;
}

/** A check, and a user of whom Kuzzle has read profiles that allow an action, or do not. */
function aCheck(...profiles: boolean[]) {
  const profileIds = profiles.map((_, number) => `profile-${number}`);
  const response = profiles.map((allowed) => ({
    isActionAllowed: async () => allowed,
  }));
  const isAllowed = nativeRightCheck(told({ args: [profileIds], response }));
  const read = { asked: 0 };
  const caller = {
    ...aUser(),
    isActionAllowed: async () => {
      read.asked++;
      return false;
    },
    profileIds,
  } as unknown as User;

  return { caller, isAllowed, read };
}

it("checks the right with the profiles that Kuzzle has read", async () => {
  new FakeKuzzle();
  for (const [profiles, allowed] of [
    [[true], true],
    [[false, true], true],
    [[false, false], false],
  ] as const) {
    const { caller, isAllowed, read } = aCheck(...profiles);

    assert.equal(await isAllowed(aRequest(), caller), allowed);
    assert.equal(read.asked, 0);
  }
});

it("asks Kuzzle where it has not checked the request, or in another way", async () => {
  new FakeKuzzle();
  const { caller, isAllowed, read } = aCheck(true);
  const another = { ...caller, profileIds: [...caller.profileIds] } as User;

  assert.equal(await isAllowed(aRequest({}, fromServer), caller), false);
  assert.equal(await isAllowed(aRequest({ targets: [] }), caller), false);
  assert.equal(await isAllowed(aRequest(), another), false);
  assert.equal(read.asked, 3);
});

it("remembers nothing that Kuzzle tells in another form", () => {
  const profileIds = ["default"];
  const profiles = [{ isActionAllowed: async () => true }];
  const caller = { ...aUser(), profileIds } as unknown as User;
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
    assert.equal(told(payload).of(caller), undefined);
  }
});
