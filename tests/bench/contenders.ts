import { modes, collectionOf, type Mode } from "./modes";
import { BAREST, NAIVE } from "./NaivePlugin";
import type { Contender } from "./Scenario";

const ofKuzzle = (name: string, controller: string): Contender => ({
  application: "native",
  collection: "bench",
  conflicts: true,
  folds: false,
  name,
  request: { action: "update", controller },
  stores: true,
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

const ofPlugin = (name: string, mode: Mode): Contender => ({
  ...ofKuzzle(name, "document-update"),
  application: "plugin",
  collection: collectionOf(mode),
  conflicts: false,
  folds: mode === "fold" || mode === "foldgroup",
});

export const byDefault = ofPlugin("plugin, default", "default");
export const fold = ofPlugin("plugin, fold", "fold");
export const group = ofPlugin("plugin, group commit", "group");
export const foldGroup = ofPlugin("plugin, fold and group commit", "foldgroup");

export const intercepting: Contender = {
  ...byDefault,
  application: "intercepting",
  name: "plugin, intercepting",
  request: native.request,
};

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

const modeOf = new Map<Contender, Mode>([
  [fold, "fold"],
  [group, "group"],
  [foldGroup, "foldgroup"],
]);

/** Leaves out the modes that are not under measure. */
export const present = (...contenders: readonly Contender[]): Contender[] =>
  contenders.filter((each) => modes.has(modeOf.get(each) ?? "default"));
