import assert from "node:assert/strict";
import { it } from "node:test";

import { BadRequestError, type KuzzleRequest } from "kuzzle";

import type { FunnelOrder } from "../../../lib/kuzzle/FunnelOrder";
import { interceptNativeUpdate } from "../../../lib/request/nativeInterception";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

const trusted = { isTrusted: true } as FunnelOrder;
const aNativeUpdate = () => aRequest({ controller: "document" });

/** The pipes of an interception by the controller "taxis", once the application is ready. */
function intercepting(
  kuzzle = new FakeKuzzle(),
  where: true | readonly string[] = true,
) {
  const { hooks, pipes } = interceptNativeUpdate("taxis", trusted, where);
  const ready = hooks?.["kuzzle:state:ready"];
  assert.ok(typeof ready === "function");
  void ready();
  const all = { ...pipes, ...Object.fromEntries(kuzzle.registered) } as Record<
    string,
    (
      payload: unknown,
      done: (error: unknown, result: unknown) => void,
    ) => unknown
  >;

  // As Kuzzle, which takes the result from a callback or from a promise.
  return <TPayload>(event: string, payload: TPayload) =>
    new Promise<TPayload>((resolve, reject) => {
      const promise = all[event]?.(payload, (_, result) =>
        resolve(result as TPayload),
      ) as Promise<TPayload> | undefined;
      promise?.then(resolve, reject);
    });
}

it("waits for the application to be ready, and for the pipes that are there by then", () => {
  const kuzzle = new FakeKuzzle();

  const { pipes } = interceptNativeUpdate("taxis", trusted, true);

  assert.ok(!Object.keys(pipes ?? {}).includes("request:onAuthorized"));
  assert.equal(kuzzle.registered.size, 0);
});

it("has a native update go by the name of the plugin's controller, all else as it was", async () => {
  const pipe = intercepting();
  const native = aNativeUpdate();

  const renamed = await pipe("request:onAuthorized", native);

  assert.equal(renamed.input.controller, "taxis");
  assert.equal(renamed.input.action, "update");
  assert.equal(renamed.input.args, native.input.args);
  assert.equal(renamed.input.body, native.input.body);
  assert.equal(renamed.context, native.context);
  assert.equal(renamed.internalId, native.internalId);
  assert.equal(native.input.controller, "document");
});

it("tells which requests the plugin's action runs for", async () => {
  const kuzzle = new FakeKuzzle();
  const { hooks, takes } = interceptNativeUpdate("taxis", trusted, true);
  (hooks["kuzzle:state:ready"] as () => void)();
  const [native, other] = [aNativeUpdate(), aNativeUpdate()];

  kuzzle.registered.get("request:onAuthorized")?.(native, () => {});

  assert.ok(takes(native));
  assert.ok(!takes(other));
});

it("writes through to the native request", async () => {
  const pipe = intercepting();
  const native = aNativeUpdate();

  const renamed = await pipe("request:onAuthorized", native);
  renamed.input.body = { seats: 9 };
  renamed.response.setHeader("x-taxi", "yellow");
  renamed.setError(new BadRequestError("no", "app.test.no", 1));

  assert.deepEqual(native.input.body, { seats: 9 });
  assert.equal(native.response.getHeader("x-taxi"), "yellow");
  assert.equal(native.error?.id, "app.test.no");
  assert.equal(native.status, 400);
});

it("leaves every other request alone", async () => {
  const pipe = intercepting();

  for (const request of [
    aRequest({ controller: "taxis" }),
    aRequest({ action: "create", controller: "document" }),
    aRequest({ controller: "realtime" }),
  ]) {
    const outcome = { request, result: request, success: true };

    assert.equal(await pipe("request:onAuthorized", request), request);
    assert.equal(await pipe("request:onExecution", request), request);
    assert.equal(await pipe("taxis:errorUpdate", request), request);
    assert.deepEqual(await pipe("request:afterExecution", outcome), outcome);
  }
});

it("leaves native updates of other collections alone", async () => {
  const pipe = intercepting(new FakeKuzzle(), ["iot/*"]);
  const [there, elsewhere, nowhere] = [
    aRequest({ collection: "cars", controller: "document", index: "iot" }),
    aNativeUpdate(),
    aRequest({ collection: [], controller: "document", index: null }),
  ];

  assert.notEqual(await pipe("request:onAuthorized", there), there);
  assert.equal(await pipe("request:onAuthorized", elsewhere), elsewhere);
  assert.equal(await pipe("request:onAuthorized", nowhere), nowhere);
});

it("gives the native request back before its execution, and after it", async () => {
  const pipe = intercepting();
  const native = aNativeUpdate();
  const renamed = await pipe("request:onAuthorized", native);

  assert.equal(await pipe("request:onExecution", renamed), native);
  const outcome = await pipe("request:afterExecution", {
    request: renamed,
    result: native,
    success: true,
  });
  assert.equal(outcome.request, native);
  assert.equal(outcome.result, native);
});

it("tells document:errorUpdate of a request that was refused under its other name", async () => {
  const recovered = aNativeUpdate();
  const kuzzle = new FakeKuzzle({ "document:errorUpdate": () => recovered });
  const pipe = intercepting(kuzzle);
  const native = aNativeUpdate();
  const renamed = await pipe("request:onAuthorized", native);

  const returned = await pipe<KuzzleRequest>("taxis:errorUpdate", renamed);

  assert.deepEqual(kuzzle.fired, [
    { args: [native], event: "document:errorUpdate" },
  ]);
  assert.equal(returned, recovered);
});

it("does not rename what another instance of the plugin has renamed", async () => {
  const [one, other] = [intercepting(), intercepting()];
  const renamed = await one("request:onAuthorized", aNativeUpdate());

  assert.equal(await other("request:onAuthorized", renamed), renamed);
});

it("intercepts nothing where the order of Kuzzle's events is not known", async () => {
  const kuzzle = new FakeKuzzle();
  const untrusted = { isTrusted: false } as FunnelOrder;
  const { hooks } = interceptNativeUpdate("taxis", untrusted, true);

  await (hooks["kuzzle:state:ready"] as () => unknown)();

  assert.equal(kuzzle.registered.size, 0);
});
