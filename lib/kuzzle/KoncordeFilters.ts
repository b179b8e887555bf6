import { createRequire } from "node:module";

import type { KoncordeClass } from "../change/compileClause";
import { pluginError } from "../errors";
import { Internal } from "./Internal";

/**
 * Finds the class `Koncorde` that Kuzzle itself uses for filters. The API that Kuzzle offers to plugins
 * is asynchronous, and keeps the filters that it is given.
 */
export class KoncordeFilters extends Internal {
  readonly name = "its dependency Koncorde";
  readonly cost = "`condition` is refused";
  #Koncorde: KoncordeClass | undefined;

  /** @throws plugin.document-update.conditional_writes_unavailable if the check has failed */
  get Koncorde(): KoncordeClass {
    if (!this.isTrusted) {
      throw pluginError("conditional_writes_unavailable");
    }

    return this.#Koncorde!;
  }

  /** Evaluates a filter. */
  protected check(): boolean {
    const requireAsKuzzle = createRequire(
      require.resolve("kuzzle/package.json"),
    );
    const { Koncorde } = requireAsKuzzle("koncorde") as {
      Koncorde: KoncordeClass;
    };
    const filters = new Koncorde();
    const filter = { equals: { seats: 4 } };
    filters.validate(filter);
    filters.store(filters.normalize(filter));
    this.#Koncorde = Koncorde;

    return (
      filters.test({ seats: 4 }).length === 1 &&
      filters.test({ seats: 5 }).length === 0 &&
      Koncorde.convertGeopoint("1,2")?.lon === 2
    );
  }
}
