import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";

import { errorOf, stored } from "../change/setting";
import { type Services, startServices } from "../../scripts/services/index.mjs";
import {
  deleteIndices,
  isolated,
  TestApplication,
} from "../support/TestApplication";

const RIGHTS = { "*": { actions: { "*": true } } };
const PASSWORD = "a password for tests";

/** How the requests of a client show who it is: by a token, an API key, or a cookie. */
type Credentials = Readonly<
  Record<string, { readonly jwt?: string; readonly cookie?: string }>
>;

describe("prepareJwtKey", () => {
  const { env, suffix } = isolated();
  /** By what the application was started with when they were made. */
  const made = new Map<string, Credentials>();
  let services: Services;
  let application: TestApplication | undefined;

  before(async () => {
    services = await startServices();
    // Users and the secret outlive an application.
    process.env["ELASTICSEARCH_URL"] = services.elasticsearchUrl;
    process.env["REDIS_URL"] = services.redisUrl;
  });
  after(async () => {
    await application?.stop();
    await deleteIndices(services.elasticsearchUrl, suffix);
    await services.stop();
  });

  for (const [name, isOn] of [
    ["off", false],
    ["on", true],
    ["off again", false],
  ] as const) {
    it(`${name}: tokens, API keys and cookies are valid, whenever they were made`, async () => {
      await end(application);
      application = await TestApplication.start({
        ...env,
        PROBE_EVENTS: "false",
        "kuzzle_plugins__document-update__prepareJwtKey": String(isOn),
      });
      made.set(name, await credentialsOf(application, name.replace(" ", "-")));
      const target = await application.createCollection("tokens");
      const document = await stored(application, target, "one", { n: 0 });
      const client = await application.connect("http");

      const updaters: Record<string, unknown> = {};
      for (const [when, credentials] of made) {
        for (const [what, { cookie, jwt }] of Object.entries(credentials)) {
          const answer = await client.send({
            ...document,
            action: "update",
            body: { n: 1 },
            controller: "document-update",
            ...(cookie !== undefined && { http: { headers: { cookie } } }),
            jwt,
          });
          const { result } = answer.body;
          updaters[`${what} of ${when}`] =
            errorOf(answer) ?? result._source._kuzzle_info.updater;
        }
      }

      assert.deepEqual(
        Object.keys(updaters).length,
        made.size * Object.keys(made.get("off")!).length,
      );
      assert.deepEqual(
        Object.entries(updaters).filter(
          ([, it]) => !String(it).startsWith("user-"),
        ),
        [],
      );
      // One that nobody has signed is refused.
      const { body } = await client.send({
        ...document,
        action: "update",
        body: { n: 2 },
        controller: "document-update",
        jwt: `${made.get("off")!["token"]!.jwt}x`,
      });
      assert.equal(errorOf({ body }), "401 security.token.invalid");
    });
  }
});

/** Ends an application, and leaves what it has stored. */
async function end(application: TestApplication | undefined): Promise<void> {
  if (application) {
    const ended = once(application.process, "exit");
    application.process.kill("SIGTERM");
    await ended;
  }
}

async function credentialsOf(
  application: TestApplication,
  name: string,
): Promise<Credentials> {
  const user = `user-${name}`;
  const token = await application.createUser(user, RIGHTS);
  const apiKey = await application.stage.call({
    action: "createApiKey",
    args: { refresh: "wait_for" },
    body: { description: name },
    controller: "auth",
    jwt: token,
  });
  const login = await fetch(
    `http://127.0.0.1:${application.port}/_login/local?cookieAuth=true`,
    {
      body: JSON.stringify({
        password: PASSWORD,
        username: `${user}-${application.suffix}`,
      }),
      headers: { "content-type": "application/json" },
      method: "POST",
    },
  );
  const [cookie = ""] = (login.headers.get("set-cookie") ?? "").split(";");
  assert.match(cookie, /^authToken=./);

  return {
    "API key": { jwt: String(apiKey["_source"].token) },
    cookie: { cookie },
    token: { jwt: token },
  };
}
