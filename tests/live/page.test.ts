import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { interceptedTaxis, nativeTaxis } from "../../demo/sampleData";
import { violationsOf } from "../page/axe";
import { usePage } from "../page/setting";
import { isWithoutChromium } from "../support/chromium";

/** Of each way in the storm. */
const UPDATES = 300;
const shownUpdates = UPDATES.toLocaleString("en");

describe("the page of the demo", { skip: isWithoutChromium }, () => {
  const setting = usePage();

  const ways = [
    ["Native", nativeTaxis, "document:update", 0],
    ["Plugin", nativeTaxis, "document-update:update", 1],
    ["Intercepted", interceptedTaxis, "document:update", 1],
  ] as const;
  for (const [way, collection, title, byPlugin] of ways) {
    it(`${way}: updates a document, and shows its answer and its notification`, async () => {
      const _id = await setting().demo.store(collection, {
        driver: "Liia",
        seats: 4,
      });
      const before = await setting().demo.updates();
      const page = await setting().open();
      await page.choose(collection, _id);
      await page.radio(way).check();
      await page.openOptions();
      await page.box("source").check();
      await page.editor("Changes").fill('{ "seats": 7 }');

      await page.send();

      await page.sees(page.answer, title);
      await page.sees(page.answer.locator("mark"), /^ *"seats": 7,?\s*$/);
      assert.equal(await page.answer.locator("mark").count(), 1);
      const own = page.notifications.locator("li.own");
      await page.sees(own, `update ${collection}/${_id}`);
      await page.sees(own.locator("code"), /^seats$/);
      await page.sees(page.page.locator("#source mark"), '"seats": 7');
      await page.sees(page.page.locator("#version"), "2");
      const { driver, seats } = await setting().demo.stored(collection, _id);
      assert.deepEqual({ driver, seats }, { driver: "Liia", seats: 7 });
      assert.equal(await setting().demo.updates(), before + byPlugin);
    });
  }

  it("computes with operators, on a condition", async () => {
    const _id = await setting().demo.store(nativeTaxis, {
      rides: 1,
      seats: 4,
      tags: ["airport"],
    });
    const page = await setting().open();
    await page.choose(nativeTaxis, _id);
    await page.radio("modify").check();
    await page.editor("Changes").fill("");
    await page
      .editor("Operators")
      .fill('{ "increment": { "rides": 1 }, "unset": ["tags"] }');
    await page.openOptions();
    await page.box("source").check();

    await page.send();
    await page.sees(page.answer.locator("mark"), '"rides": 2');
    for (const shown of [page.answer, page.page.locator("#source")]) {
      await page.sees(shown.locator("del").first(), /^\s*"tags": \[\s*$/);
    }

    await page
      .editor("Condition")
      .fill('{ "range": { "seats": { "gte": 5 } } }');
    await page.send();
    await page.sees(page.answer, "plugin.document-update.condition_not_met");
    assert.equal((await setting().demo.stored(nativeTaxis, _id))["rides"], 2);
  });

  it("runs a storm on one hot document: native fails, the plugin does not", async () => {
    const page = await setting().open();

    await page.runStorm(UPDATES);

    const [native = "", ...others] = await page.figures("Failed");
    assert.match(native, /^[1-9]/, "native has not failed");
    assert.deepEqual(others, ["0", "0"]);
    const ofPlugin = async (column: string) =>
      (await page.figures(column)).at(1);
    assert.equal(await ofPlugin("Stored"), shownUpdates);
    assert.equal(await ofPlugin("Overwritten"), "0");
    assert.equal(await ofPlugin("Out of order"), "0");
    const sentences = page.page.locator("#verdict li");
    assert.equal(await sentences.count(), 3);
    await page.sees(
      sentences.nth(0),
      new RegExp(
        `^Native stored [\\d,]+ of ${shownUpdates} updates; [\\d,]+ failed with a version conflict(; [\\d,]+ (was|were) stored out of order)?\\.$`,
      ),
    );
    await page.sees(
      sentences.nth(1),
      new RegExp(
        `^The plugin stored all ${shownUpdates} updates, [\\d.]+ times as many per second as native\\.$`,
      ),
    );
    assert.equal(await page.page.locator("#charts canvas").count(), 3);
    assert.equal(await setting().demo.countOfStorms(), 0);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.page.emulateMedia({ colorScheme });
      assert.deepEqual(await violationsOf(page.page), []);
    }
  });
});
