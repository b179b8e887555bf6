import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import {
  type ApiClient,
  DEADLINE_MS,
  type ApiRequest,
  type Protocol,
  protocols,
} from "../support/request";
import { TestApplication } from "../support/TestApplication";

/** Rights that a user can have, and the roles that give them. */
const rights = {
  both: {
    auth: { actions: { logout: true } },
    document: { actions: { update: true } },
    "document-update": { actions: { update: true } },
  },
  native: { document: { actions: { update: true } } },
  none: { server: { actions: { now: true } } },
  plugin: { "document-update": { actions: { update: true } } },
} satisfies Record<string, JSONObject>;

type Rights = keyof typeof rights;

/** What each user gets from each controller: the right that is missing, or nothing. */
type Expected = readonly (readonly [Rights, string, string | null])[];

const expected: Expected = [
  ["both", "document", null],
  ["both", "document-update", null],
  ["native", "document", null],
  ["native", "document-update", "document-update:update"],
  ["plugin", "document", "document:update"],
  ["plugin", "document-update", "document:update"],
  ["none", "document", "document:update"],
  ["none", "document-update", "document-update:update"],
];

/** The same with `checkRights: false`. */
const expectedUnchecked: Expected = [
  ["both", "document-update", null],
  ["native", "document-update", "document-update:update"],
  ["plugin", "document-update", null],
  ["none", "document-update", "document-update:update"],
];

/** Who may update by server code that acts as a user, with a check of rights: the missing right, or nothing. */
const byServerCode: readonly (readonly [Rights, string | null])[] = [
  ["both", null],
  ["native", "document-update:update"],
  ["plugin", "document:update"],
  ["none", "document-update:update"],
];

/** What the embedded SDK, or Kuzzle itself, tells of a request, and no client can. */
const reserved = (kuid: string): JSONObject => ({
  __checkRights__: false,
  __kuid__: kuid,
  connection: { id: "server", protocol: "funnel" },
  connectionId: "server",
  context: { connection: { protocol: "funnel" }, user: { _id: kuid } },
  kuid,
  protocol: "funnel",
  token: { userId: kuid },
  triggerEvents: true,
  user: { _id: kuid },
});

const anonymousRights = {
  auth: { actions: { "*": true } },
  server: { actions: { "*": true } },
};

describe("rights", () => {
  rightsWith({}, expected);
});

describe("rights with checkRights: false", () => {
  const name = "kuzzle_plugins__document-update__checkRights";
  rightsWith({ [name]: "false" }, expectedUnchecked);
});

function rightsWith(environment: Record<string, string>, all: Expected): void {
  const controllers = [...new Set(all.map(([, controller]) => controller))];
  let application: TestApplication;
  let target: { index: string; collection: string };
  let elsewhere: { index: string; collection: string };
  let otherIndex: { index: string; collection: string };
  let admin: string;
  let tokens: Record<string, string>;
  const clients = {} as Record<Protocol, ApiClient>;
  let documents = 0;

  before(async () => {
    application = await TestApplication.start(environment);
    target = await application.createCollection("allowed");
    elsewhere = await application.createCollection("elsewhere");
    otherIndex = await application.createCollection("allowed", {}, "other");
    for (const protocol of protocols) {
      clients[protocol] = await application.connect(protocol);
    }
    const users = await application.createUsers({
      ...rights,
      admin: { "*": { actions: { "*": true } } },
    });
    const restricted = await application.createUser("restricted", rights.both, [
      { collections: [target.collection], index: target.index },
    ]);
    tokens = { ...users, restricted };
    ({ admin } = users);
    application.jwt = admin;
    // From here on the anonymous user has no right on documents; the stage goes on as the admin.
    await asAdmin({
      _id: "anonymous",
      action: "updateRole",
      body: { controllers: anonymousRights },
      controller: "security",
    });
  });

  after(async () => {
    await Promise.all(Object.values(clients).map((client) => client.close()));
    await application.stop();
  });

  const asAdmin = (request: ApiRequest) =>
    application.stage.call({
      jwt: admin,
      ...request,
      args: { refresh: "false", ...request.args },
    });

  async function aDocument(where = target): Promise<string> {
    const _id = `document-${++documents}`;
    await application.stage.call({
      ...where,
      _id,
      action: "create",
      body: { state: "open" },
      controller: "document",
      jwt: admin,
    });
    return _id;
  }

  async function contentOf(_id: string, where = target): Promise<JSONObject> {
    const { _source } = await asAdmin({
      ...where,
      _id,
      action: "get",
      controller: "document",
    });
    return _source;
  }

  async function stateOf(_id: string, where = target): Promise<unknown> {
    return (await contentOf(_id, where))["state"];
  }

  /** Sends an update and checks that it was refused with this error, and that nothing changed. */
  async function refused(
    client: ApiClient,
    request: ApiRequest,
    id: string,
    props?: readonly unknown[],
    where = target,
  ): Promise<JSONObject> {
    const _id = await aDocument(where);
    const { body } = await client.send({
      ...where,
      _id,
      action: "update",
      body: { state: "changed" },
      ...request,
    });

    assert.equal(body["error"]?.id, id, JSON.stringify(body));
    if (props) {
      assert.deepEqual(body["error"].props, props);
    }
    assert.equal(body["result"], null);
    assert.equal(await stateOf(_id, where), "open");
    return body["error"];
  }

  async function accepted(
    client: ApiClient,
    request: ApiRequest,
  ): Promise<JSONObject> {
    const _id = await aDocument();
    const answer = await client.send({
      ...target,
      _id,
      action: "update",
      body: { state: "changed" },
      ...request,
    });

    assert.equal(answer.body["error"], null);
    assert.equal(await stateOf(_id), "changed");
    return answer;
  }

  for (const protocol of protocols) {
    for (const [name, controller, missing] of all) {
      it(`over ${protocol}, a user with ${name} ${missing ? "may not" : "may"} call ${controller}:update`, async () => {
        const request = { controller, jwt: tokens[name] };
        if (missing === null) {
          await accepted(clients[protocol], request);
          return;
        }
        const props = [...missing.split(":"), `${name}-${application.suffix}`];
        const error = await refused(
          clients[protocol],
          request,
          "security.rights.forbidden",
          props,
        );
        assert.equal(error["status"], 403);
      });
    }

    for (const controller of controllers) {
      it(`over ${protocol}, an anonymous user may not call ${controller}:update`, async () => {
        const error = await refused(
          clients[protocol],
          { controller },
          "security.rights.unauthorized",
          [controller, "update", "-1"],
        );
        assert.equal(error["status"], 401);
      });
    }
  }

  it("holds a user to the index and the collection of a restriction", async () => {
    for (const controller of controllers) {
      await accepted(clients.websocket, {
        controller,
        jwt: tokens["restricted"],
      });
      for (const where of [elsewhere, otherIndex]) {
        await refused(
          clients.websocket,
          { controller, jwt: tokens["restricted"] },
          "security.rights.forbidden",
          undefined,
          where,
        );
      }
    }
  });

  it("shows nobody a document of a collection that is named by a number, which a restriction lets pass", async () => {
    const collection = "2024";
    const where = { collection, index: target.index };
    await asAdmin({ ...where, action: "create", controller: "collection" });
    const _id = await aDocument(where);

    for (const controller of controllers) {
      const { body } = await clients.websocket.send({
        ...where,
        _id,
        action: "update",
        args: { skipUnchanged: true, source: true },
        body: {},
        collection: Number(collection),
        controller,
        jwt: tokens["restricted"],
      });
      assert.equal(body["error"]?.id, "services.storage.unknown_collection");
    }
  });

  it("takes the token of a cookie, as natively", async () => {
    for (const [name, controller, missing] of all) {
      const http = { headers: { cookie: `authToken=${tokens[name]}` } };
      if (missing === null) {
        await accepted(clients.http, { controller, http });
      } else {
        await refused(
          clients.http,
          { controller, http },
          "security.rights.forbidden",
        );
      }
    }
  });

  it("updates in the name of the caller", async () => {
    for (const controller of controllers) {
      const name = controller === "document" ? "native" : "both";
      const { body } = await accepted(clients.websocket, {
        controller,
        jwt: tokens[name],
      });
      const { _kuzzle_info: info } = await contentOf(body["result"]._id);
      assert.equal(info.updater, `${name}-${application.suffix}`);
    }
  });

  if (all === expectedUnchecked) {
    // The rest is about rights that are checked, or the same.
    return;
  }

  for (const [name, missing] of byServerCode) {
    it(`server code as a user with ${name} may update, and with checkRights ${missing ? "may not" : "too"}`, async () => {
      const update = async (checkRights: boolean) => {
        const _id = await aDocument();
        const { body } = await application.stage.send({
          ...target,
          _id,
          action: "updateAs",
          args: { checkRights, kuid: `${name}-${application.suffix}` },
          body: { state: "changed" },
          controller: "probe",
          jwt: admin,
        });
        return { _id, error: body["error"] as JSONObject | null };
      };

      const unchecked = await update(false);
      assert.equal(unchecked.error, null);
      const { _kuzzle_info: info, state } = await contentOf(unchecked._id);
      assert.equal(state, "changed");
      assert.equal(info.updater, `${name}-${application.suffix}`);

      const checked = await update(true);
      assert.equal(await stateOf(checked._id), missing ? "open" : "changed");
      assert.equal(
        checked.error?.["id"],
        missing ? "security.rights.forbidden" : undefined,
      );
      assert.deepEqual(
        checked.error?.["props"],
        missing?.split(":").concat(`${name}-${application.suffix}`),
      );
    });
  }

  for (const protocol of protocols) {
    it(`nothing that a client sends over ${protocol} makes it server code, or another user`, async () => {
      const kuid = `admin-${application.suffix}`;
      const all = reserved(kuid);
      // Together, and each by itself with whatever could count as set.
      const sets = [
        all,
        ...Object.keys(all).map((name) => ({ [name]: true })),
        { __kuid__: kuid },
        { protocol: "funnel" },
      ].map((args) =>
        // A query string holds texts.
        protocol === "http"
          ? Object.fromEntries(
              Object.entries(args).map(([name, value]) => [
                name,
                typeof value === "object"
                  ? JSON.stringify(value)
                  : String(value),
              ]),
            )
          : args,
      );
      const document = { ...target, _id: await aDocument() };
      const update = async (args: JSONObject, jwt?: string) => {
        const { body } = await clients[protocol].send({
          ...document,
          action: "update",
          args,
          body: { state: "changed" },
          controller: "document-update",
          volatile: all,
          ...(jwt && { jwt }),
        });
        return body;
      };

      for (const args of sets) {
        const { error: forbidden } = await update(args, tokens["plugin"]);
        assert.equal(forbidden?.id, "security.rights.forbidden");
        assert.deepEqual(forbidden.props, [
          ...["document", "update"],
          `plugin-${application.suffix}`,
        ]);
        const { error: unauthorized } = await update(args);
        assert.equal(unauthorized?.id, "security.rights.unauthorized");
      }
      assert.equal(await stateOf(document._id), "open");

      for (const args of sets) {
        const { error } = await update(args, tokens["both"]);
        assert.equal(error, null);
        const { _kuzzle_info: info } = await contentOf(document._id);
        assert.equal(info.updater, `both-${application.suffix}`);
      }
    });
  }

  it("reports the missing native right with native's error, also to an anonymous user", async () => {
    const grant = (controllers: JSONObject) =>
      asAdmin({
        _id: "anonymous",
        action: "updateRole",
        body: { controllers },
        controller: "security",
      });
    await grant({ ...anonymousRights, ...rights.plugin });

    try {
      for (const request of [{}, { jwt: tokens["plugin"] }]) {
        const id = request.jwt
          ? "security.rights.forbidden"
          : "security.rights.unauthorized";
        const native = await refused(
          clients.websocket,
          { controller: "document", ...request },
          id,
        );
        const plugin = await refused(
          clients.websocket,
          { controller: "document-update", ...request },
          id,
        );

        assert.deepEqual({ ...plugin, stack: "" }, { ...native, stack: "" });
      }
    } finally {
      await grant({
        ...anonymousRights,
        "document-update": { actions: { update: false } },
      });
    }
  });

  it("refuses an expired token", async () => {
    const jwt = await application.login("both", { expiresIn: "1s" });
    const deadline = Date.now() + DEADLINE_MS;
    let valid = true;
    while (valid && Date.now() < deadline) {
      const check = {
        action: "checkToken",
        body: { token: jwt },
        controller: "auth",
      };
      ({ valid } = (await application.stage.call(check)) as { valid: boolean });
    }

    // Once Redis has dropped the token, Kuzzle calls it invalid rather than expired.
    const native = await refusedInAnyWay("document", jwt);
    assert.match(native, /^security\.token\.(expired|invalid)$/);
    assert.equal(await refusedInAnyWay("document-update", jwt), native);
  });

  it("refuses a token that was logged out", async () => {
    const jwt = await application.login("both");
    await application.stage.call({ action: "logout", controller: "auth", jwt });

    for (const controller of ["document", "document-update"]) {
      await refused(
        clients.websocket,
        { controller, jwt },
        "security.token.invalid",
      );
    }
  });

  it("refuses a deleted user", async () => {
    const jwt = await application.createUser("deleted", rights.both);
    await asAdmin({
      _id: `deleted-${application.suffix}`,
      action: "deleteUser",
      controller: "security",
    });

    const native = await refusedInAnyWay("document", jwt);
    assert.match(native, /^security\.(token|user)\./);
    assert.equal(await refusedInAnyWay("document-update", jwt), native);
  });

  async function refusedInAnyWay(
    controller: string,
    jwt: string,
  ): Promise<string> {
    const _id = await aDocument();
    const { body } = await clients.websocket.send({
      ...target,
      _id,
      action: "update",
      body: { state: "changed" },
      controller,
      jwt,
    });
    assert.equal(await stateOf(_id), "open");
    return body["error"].id;
  }

  it("refuses a token and a cookie at once, as natively", async () => {
    for (const controller of ["document", "document-update"]) {
      const http = { headers: { cookie: `authToken=${tokens["both"]}` } };
      await refused(
        clients.http,
        { controller, http, jwt: tokens["both"] },
        "security.token.verification_error",
      );
    }
  });

  it("fires no event of the update for a caller without the right", async () => {
    for (const controller of ["document", "document-update"]) {
      const requestId = `unauthorised-${controller}`;
      await asAdmin({
        action: "arm",
        args: { target: requestId },
        body: {},
        controller: "probe",
      });
      await refused(
        clients.websocket,
        { controller, jwt: tokens["plugin"], requestId },
        "security.rights.forbidden",
      );

      const seen = await asAdmin({
        action: "collect",
        args: { target: requestId },
        controller: "probe",
      });
      const events = (seen as unknown as { event: string }[]).map(
        ({ event }) => event,
      );
      assert.deepEqual(
        events.filter((event) => event.includes("document:")),
        [],
      );
      assert.equal(
        events.filter((event) => event === "request:onUnauthorized").length,
        2,
      );
    }
  });
}
