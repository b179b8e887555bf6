import { DEVICES } from "../../demo/devices";
import { type Mode, modes } from "./modes";
import type { Contender } from "./Scenario";
import { byOneRequest, byReadingFirst, bySteps, withIfVersion } from "./ways";
import { COUNTER } from "./WriteLedger";

/** The controllers of the handlers that the plugin is compared with. */
export const NAIVE = "naive";
export const BAREST = "barest";

const ofKuzzle = (name: string, controller: string): Contender => ({
  application: "native",
  collection: "bench",
  conflicts: true,
  folds: false,
  name,
  request: { action: "update", controller },
  stores: true,
  way: byOneRequest,
});

export const native = ofKuzzle("native", "document");

export const nativeRetrying: Contender = {
  ...ofKuzzle("native, 50 retries", "document"),
  request: { ...native.request, args: { retryOnConflict: 50 } },
};

/** A plugin as one would write it in ten lines. */
export const naive = ofKuzzle("naive plugin", NAIVE);

/** The floor under any plugin that delegates. */
export const barest = ofKuzzle("barest handler", BAREST);

const ofPlugin = (mode: Mode, differing: Partial<Contender>): Contender => ({
  ...ofKuzzle(`plugin, ${mode}`, "document-update"),
  application: "plugin",
  conflicts: false,
  mode,
  ...differing,
});

export const byDefault = ofPlugin("default", {});

export const fold = ofPlugin("fold", { collection: "fold", folds: true });

/** Plain native clients. */
export const intercepting = ofPlugin("intercepting", {
  application: "intercepting",
  request: native.request,
});

/** With the key of tokens prepared: native has it as Kuzzle leaves it. */
export const prepared = ofPlugin("prepared", {
  application: "prepared",
  name: "plugin, prepareJwtKey",
});

/** Each update is a request to storage of its own, and may give up against many others. */
export const separate = ofPlugin("separate", {
  application: "separate",
  conflicts: true,
  name: "plugin, not batched",
});

/** A guard of a field that no update names. */
export const guarded = ofPlugin("guarded", { application: "guarded" });

export const ifVersion = ofPlugin("conditional", {
  name: "plugin, ifVersion",
  way: withIfVersion,
});

/** Counts up by Elasticsearch's own means, through an action that does nothing else. */
export const scripted: Contender = {
  ...naive,
  name: "scripted update, 50 retries",
  request: { action: "increment", body: { by: 1 }, controller: NAIVE },
};

export const readModifyWrite: Contender = {
  ...ifVersion,
  name: "get, and ifVersion",
  way: byReadingFirst,
};

export const modify = ofPlugin("conditional", {
  name: "plugin, modify",
  request: {
    action: "modify",
    body: { operators: { increment: { [COUNTER]: 1 } } },
    controller: "document-update",
  },
});

export const modifyFolded: Contender = {
  ...modify,
  collection: fold.collection,
  folds: true,
  name: "plugin, modify, folded",
};

const ofServerCode = (action: string): Pick<Contender, "request"> => ({
  request: { action, controller: DEVICES },
});

/** Server code that reads the document, changes it and writes it back, with a lock around that. */
export const underMutex: Contender = {
  ...native,
  ...ofServerCode("underMutex"),
  conflicts: false,
  name: "read, change, write under a Mutex",
};

export const withoutMutex: Contender = {
  ...native,
  ...ofServerCode("readChangeWrite"),
  name: "read, change, write",
};

export const steps = ofPlugin("conditional", {
  ...ofServerCode("steps"),
  name: "plugin, modify with steps",
});

/** By requests of the devices: those of server code are not folded. */
export const stepsFolded: Contender = {
  ...modifyFolded,
  name: "plugin, modify with steps, folded",
  request: { action: "modify", controller: "document-update" },
  way: bySteps,
};

export const changedWith = ofPlugin("conditional", {
  ...ofServerCode("updateWith"),
  name: "plugin, updateWith",
});

export const elasticsearchUpdate: Contender = {
  ...native,
  name: "Elasticsearch `_update`",
  past: "elasticsearch _update",
};

export const elasticsearchBulk: Contender = {
  ...native,
  name: "Elasticsearch `_bulk`",
  past: "elasticsearch _bulk",
};

/** The price of a request that does nothing. */
export const serverNow: Contender = {
  ...native,
  name: "`server:now`",
  request: { action: "now", controller: "server" },
  stores: false,
};

/** Leaves out the modes that are not under measure. */
export const present = (...contenders: readonly Contender[]): Contender[] =>
  contenders.filter(({ mode }) => mode === undefined || modes.has(mode));
