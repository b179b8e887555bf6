import { after, before, describe } from "node:test";

import { creation } from "../change/creation";
import { counters } from "../change/counters";
import { cutOff } from "../change/cutOff";
import { dryRun } from "../change/dryRun";
import { everyWay } from "../change/everyWay";
import { folded } from "../change/folded";
import { GUARDS, guards } from "../change/guards";
import { keyedEvents } from "../change/keyedEvents";
import { modifyEvents } from "../change/modifyEvents";
import { operators } from "../change/operators";
import { preconditions } from "../change/preconditions";
import { requestKeys } from "../change/requestKeys";
import { rights } from "../change/rights";
import { unchanged } from "../change/unchanged";
import { badUpdate } from "../contention/badUpdate";
import { callers } from "../contention/callers";
import { fold } from "../contention/fold";
import { hotDocument } from "../contention/hotDocument";
import { limits } from "../contention/limits";
import { order } from "../contention/order";
import { pipesAtOnce } from "../contention/pipesAtOnce";
import { reentrance } from "../contention/reentrance";
import { refresh } from "../contention/refresh";
import { sdkClients } from "../contention/sdkClients";
import { statistics } from "../contention/statistics";
import { patient, TestApplication } from "../support/TestApplication";
import { orderOfActions } from "./orderOfActions";
import { otherWriters } from "./otherWriters";
import { pipes } from "./pipes";
import { sdk } from "./sdk";
import { serverCode as functions } from "../change/serverCode";
import { serverCode } from "./serverCode";
import { sharedRequests } from "./sharedRequests";
import { shutdown } from "./shutdown";
import { slowDocument } from "./slowDocument";

describe("what the README promises", () => {
  /** Where pipes listen to every event, and native updates are native. */
  let heard: TestApplication;
  /** Where nothing listens, and native updates are intercepted. */
  let intercepting: TestApplication;
  /** Where settings have other values than by default: of each, other tests need another value. */
  let configured: TestApplication;

  before(async () => {
    const guarded = {
      ...patient,
      "kuzzle_plugins__document-update__guards": `*json:${JSON.stringify(GUARDS)}`,
    };
    // One after the other: both would look for the same free ports.
    heard = await TestApplication.start(guarded);
    intercepting = await TestApplication.start({
      ...guarded,
      PROBE_EVENTS: "false",
      "kuzzle_plugins__document-update__interceptNative": "true",
      "kuzzle_plugins__document-update__skipUnchanged": '*json:["*/skipped*"]',
      kuzzle_services__internalCache__options__db: "1",
    });
    configured = await TestApplication.start({
      PROBE_EVENTS: "false",
      "kuzzle_plugins__document-update__batchWrites": "false",
      "kuzzle_plugins__document-update__checkRights": "false",
      "kuzzle_plugins__document-update__maxPending": "3",
      "kuzzle_plugins__document-update__maxWait": "1500",
      kuzzle_services__internalCache__options__db: "2",
    });
  });
  after(() =>
    Promise.all([heard?.stop(), intercepting?.stop(), configured?.stop()]),
  );

  const direct = () => heard;
  const unheard = () => intercepting;
  const limited = () => configured;

  describe("updates at the same time", () => {
    order(unheard, ["document-update", "document"], true);
    order(direct, ["document-update"], false);
    orderOfActions(unheard);
    hotDocument(unheard);
    otherWriters(unheard);
    slowDocument(unheard);
    sharedRequests(direct, unheard, limited);
    sdkClients(unheard);
    callers(unheard);
    reentrance(direct, ["batched"], ["document:beforeUpdate"]);
  });

  describe("fold", () => {
    fold(unheard);
    badUpdate(unheard);
    folded(unheard);
    limits(limited);
  });

  describe("changes that depend on what is stored", () => {
    counters(direct);
    refresh(unheard);
    everyWay(direct, unheard);
    preconditions("the plugin's action", direct, "document-update");
    preconditions("interception", unheard, "document");
    operators(unheard, 300);
    requestKeys(unheard);
    cutOff(unheard);
    unchanged(unheard);
    dryRun(direct);
    modifyEvents(direct);
    keyedEvents(direct);
    creation(direct, unheard);
    functions(direct);
  });

  describe("who may do what", () => {
    rights(direct, limited, unheard);
    guards(direct, unheard);
  });

  describe("the ways of updating", () => {
    pipes(direct);
    // Of all its pipes, those of `guards` alone are on events of writes.
    pipesAtOnce(unheard);
    sdk(unheard);
    serverCode(direct);
  });

  // What it counts has happened above.
  statistics(unheard);
  shutdown(unheard);
});
