import { after, before, describe, it } from "node:test";

import { type Cluster, nodeNumbers } from "../support/Cluster";
import { Audience } from "./Audience";

export function notifications(of: () => Cluster, controller: string): void {
  describe("notifications", () => {
    let audience: Audience;

    before(async () => {
      audience = await Audience.gather(of(), controller);
    });

    after(() => audience.close());

    for (const from of nodeNumbers) {
      for (const to of nodeNumbers) {
        it(`tells a subscriber of node ${to} once of an update of node ${from}`, () =>
          audience.assertNotified(from, to));
      }
    }
  });
}
