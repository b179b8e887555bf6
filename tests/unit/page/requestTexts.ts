import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { type Draft, optionsOf } from "../../../demo/page/request/Draft";
import { hostOf } from "../../../demo/page/request/Host";
import { toCurl } from "../../../demo/page/request/toCurl";
import { toKourou } from "../../../demo/page/request/toKourou";
import { toRequest } from "../../../demo/page/request/toRequest";
import { toSdk } from "../../../demo/page/request/toSdk";

const host = { hostname: "localhost", port: 7512, ssl: false };
const draft: Draft = {
  _id: "O'Hara & sons/1",
  action: "update",
  body: { driver: "O'Hara" },
  collection: "yellow-taxi",
  index: "nyc-open-data",
  jwt: undefined,
  options: { refresh: "wait_for", retryOnConflict: 3, silent: true },
  way: "plugin",
};
const modification: Draft = {
  ...draft,
  action: "modify",
  body: { operators: { increment: { rides: 1 } } },
  options: {},
};

describe("the page's request as text", () => {
  it("is a command of curl, whatever the identifier and the values hold", () => {
    assert.equal(
      toCurl(draft, "http://localhost:7512"),
      String.raw`curl -X PATCH -H 'content-type: application/json' \
  -d '{"driver":"O'\''Hara"}' \
  'http://localhost:7512/_/document-update/nyc-open-data/yellow-taxi/O'\''Hara%20%26%20sons%2F1/_update?refresh=wait_for&retryOnConflict=3&silent'`,
    );
    assert.match(
      toCurl({ ...draft, options: {}, way: "native" }, ""),
      /'\/nyc-open-data\/\S+\/_update'$/,
    );
    assert.match(toCurl(modification, ""), /^curl -X POST .*\/_modify'$/s);
  });

  it("is a command of Kourou", () => {
    assert.equal(
      toKourou(draft, host),
      String.raw`kourou document-update:update 'nyc-open-data' 'yellow-taxi' \
  'O'\''Hara & sons/1' '{"driver":"O'\''Hara"}' \
  -a refresh=wait_for \
  -a retryOnConflict=3 \
  -a silent=true \
  --host localhost --port 7512`,
    );
    assert.match(
      toKourou(modification, host),
      /document-update:modify .*--id .*--body /s,
    );
  });

  it("is the JSON that WebSocket and MQTT take", () => {
    assert.deepEqual(toRequest({ ...draft, way: "intercepted" }), {
      _id: "O'Hara & sons/1",
      action: "update",
      body: { driver: "O'Hara" },
      collection: "yellow-taxi",
      controller: "document",
      index: "nyc-open-data",
      refresh: "wait_for",
      retryOnConflict: 3,
      silent: true,
    });
  });

  it("is a program with kuzzle-sdk, which loads the plugin's controller where it needs it", () => {
    assert.match(
      toSdk(modification, host),
      /useController\(.*kuzzle\.documentUpdate\.modify\(/s,
    );
    const native = toSdk({ ...draft, way: "native" }, host);
    assert.match(native, /kuzzle\.document\.update\(/);
    assert.doesNotMatch(native, /useController/);
  });
});

it("the page's request is that of the user who is logged in, however it is written", () => {
  const loggedIn = { ...draft, jwt: "a.b.c" };

  assert.equal(toRequest(loggedIn)["jwt"], "a.b.c");
  assert.match(toCurl(loggedIn, ""), /-H 'authorization: Bearer a\.b\.c'/);
  assert.match(
    toSdk(loggedIn, host),
    /connect\(\);\nawait kuzzle\.auth\.login\("local", {.*"username":"sample"/,
  );
  assert.match(toKourou(loggedIn, host), /--username sample --password sample/);
});

describe("the page's request over HTTPS", () => {
  const secure = hostOf({ hostname: "kuzzle", port: "", protocol: "https:" });

  it("goes to the usual port of the protocol, unless the address has another one", () => {
    assert.deepEqual(secure, { hostname: "kuzzle", port: 443, ssl: true });
    assert.deepEqual(
      hostOf({ hostname: "kuzzle", port: "7512", protocol: "http:" }),
      { hostname: "kuzzle", port: 7512, ssl: false },
    );
    assert.equal(hostOf({ ...secure, port: "", protocol: "http:" }).port, 80);
  });

  it("is secure in programs and commands, too", () => {
    assert.match(
      toSdk(draft, secure),
      /new WebSocket\("kuzzle", { port: 443, ssl: true }\)/,
    );
    assert.match(toKourou(draft, secure), /--port 443 --ssl$/);
    assert.doesNotMatch(toSdk(draft, host) + toKourou(draft, host), /ssl/);
  });
});

it("the page offers the options that the way takes, and no others", () => {
  const own = ["dryRun", "ifVersion", "skipUnchanged"] as const;
  const taken = (...given: Parameters<typeof optionsOf>) =>
    own.filter((name) => optionsOf(...given).includes(name));

  assert.deepEqual(taken("native", "update"), []);
  assert.deepEqual(taken("intercepted", "update"), [
    "ifVersion",
    "skipUnchanged",
  ]);
  assert.deepEqual(taken("plugin", "update"), own);
  assert.deepEqual(taken("plugin", "modify"), own);
  assert.equal(
    optionsOf("plugin", "modify").includes("retryOnConflict"),
    false,
  );
});
