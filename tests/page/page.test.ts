import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";

import type { Locator, Page, WebSocketRoute } from "playwright-core";

import {
  interceptedTaxis,
  nativeTaxis,
  sampleUser,
  stormCollections,
} from "../../demo/sampleData";
import { root } from "../../scripts/paths.mjs";
import { isWithoutChromium } from "../support/chromium";
import { until } from "../support/until";
import { violationsOf } from "./axe";
import type { DemoReader } from "./DemoReader";
import { type PageSetting, usePage } from "./setting";

/** Colour of a page that is dark. */
const DARK = "rgb(15, 18, 24)";
const MARKUP = '<img src=x onerror="document.title=`owned`">';

describe("the page of the demo", { skip: isWithoutChromium }, () => {
  const setting = usePage();
  const open: PageSetting["open"] = (...args) => setting().open(...args);

  it("says that nobody was notified of a silent update", async () => {
    const _id = await setting().demo.store(nativeTaxis, { seats: 4 });
    const page = await open();
    await page.choose(nativeTaxis, _id);
    await page.editor("Changes").fill('{ "seats": 7 }');
    await page.openOptions();
    await page.box("silent").check();

    await page.send();

    await page.sees(
      page.notifications.locator("li"),
      `No notification: the update of ${_id} was silent.`,
    );
    assert.equal(await page.notifications.locator("li").count(), 1);
  });

  it("shows where a text is not JSON, and does not send it", async () => {
    const page = await open();
    const editor = page.editor("Changes");
    await editor.fill('{\n  "seats": 5,\n  "driver": Liia\n}');

    await page.send();

    await page.sees(
      page.page.locator("#changes-editor .editor-message"),
      "Line 3, column 13: this is not a value: strings need double quotes",
    );
    await page.sees(page.page.locator(".stack .wrong"), /^Liia$/);
    assert.equal(await editor.getAttribute("aria-invalid"), "true");
    assert.equal(await page.page.evaluate("String(getSelection())"), "Liia");
    await page.sees(page.answer, "Nothing has been sent yet.");
  });

  it("calls a trailing comma one, on the line that has it", async () => {
    const page = await open();

    await page.editor("Changes").fill('{\n  "seats": 5,\n}');

    await page.sees(
      page.page.locator("#changes-editor .editor-message"),
      "Line 2, column 13: a trailing comma",
    );
    await page.sees(page.page.locator(".line-numbers .wrong"), /^2\s*$/);
  });

  it("tells when the document was updated, with the date", async () => {
    const _id = await setting().demo.store(nativeTaxis, { seats: 4 });
    const page = await open({ timezoneId: "UTC" });

    await page.choose(nativeTaxis, _id);

    await page.sees(page.page.locator("#version"), /^1$/);
    const { _kuzzle_info: info } = await setting().demo.stored(
      nativeTaxis,
      _id,
    );
    const { createdAt } = info as { createdAt: number };
    await page.sees(
      page.page.locator("#updated-at"),
      `${new Date(createdAt).getUTCFullYear()}, ${new Date(createdAt).toISOString().slice(11, 19)}`,
    );
  });

  it("says so when the document is deleted", async () => {
    const _id = await setting().demo.store(nativeTaxis, { seats: 4 });
    const page = await open();
    await page.choose(nativeTaxis, _id);
    await page.sees(page.page.locator("#source"), '"seats": 4');

    await setting().demo.delete(nativeTaxis, _id);

    await page.sees(
      page.page.locator("#source"),
      /^This document no longer exists\.$/,
    );
    await page.sees(page.page.locator("#version"), /^–$/);
    assert.equal(await page.page.locator("#kuzzle-info").innerText(), "");
  });

  it("says so where documents cannot be read, and shows no other one's content", async () => {
    const refused = new Set<string>();
    const page = await open({}, (opened) =>
      opened.routeWebSocket(/.*/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((message) => {
          const { action, requestId } = JSON.parse(String(message)) as {
            action: string;
            requestId: string;
          };
          if (!refused.has(action)) {
            server.send(message);
            return;
          }
          const error = { id: "a.b.c", message: "Refused.", status: 503 };
          socket.send(
            JSON.stringify({
              error,
              requestId,
              result: null,
              room: requestId,
              status: error.status,
            }),
          );
        });
      }),
    );
    const source = page.page.locator("#source");

    refused.add("get");
    await page.choose(nativeTaxis, "abdul");
    await page.sees(source, /^It cannot be read: Refused\.$/);

    refused.add("search");
    await page.page
      .getByRole("combobox", { name: "Collection" })
      .selectOption(interceptedTaxis);
    await page.sees(source, /^Its documents cannot be listed: Refused\.$/);
  });

  it("writes the same request everywhere where the changes are empty", async () => {
    const page = await open();
    const code = page.page.locator("#code");

    await page.editor("Changes").fill("");

    await page.sees(code, "-d '{}'");
    await page.radio("JSON").check();
    await page.sees(code, '"body": {}');
    await page.send();
    await page.sees(page.outcome.locator(".badge"), /^200$/);
  });

  it("describes each option, and says which are not available", async () => {
    const page = await open();
    await page.openOptions();
    const options = page.page.getByRole("group", { name: "Options" });
    assert.notEqual(await options.locator("input").count(), 0);
    for (const option of await options.locator("input").all()) {
      const about = await option.getAttribute("aria-describedby");
      assert.match(
        await page.page.locator(`#${about}`).innerText(),
        /^[A-Z].+\.$/,
      );
    }
    const note = page.page.locator("#options-note");

    await page.sees(note, /^All options apply\. .*condition.*choose modify\.$/);
    await page.radio("modify").check();
    await page.sees(note, /^Not available for modify: retryOnConflict\.$/);
    await page.radio("Native").check();
    await page.sees(
      note,
      /^Not available for this way: dryRun, skipUnchanged, ifVersion, condition, operators\.$/,
    );
  });

  it("folds options away, names those that are set, and shows the one that is wrong", async () => {
    const page = await open();
    const ifVersion = page.page.getByLabel("ifVersion");
    assert.equal(await ifVersion.isVisible(), false);

    await page.openOptions();
    await page.box("silent").check();
    await ifVersion.fill("-1");
    await page.openOptions();

    assert.equal(await ifVersion.isVisible(), false);
    await page.sees(page.page.locator("summary"), /silent, ifVersion -1/);
    await page.send();
    await page.page.locator("[name=ifVersion]:focus").waitFor();
    await page.sees(page.answer, "Nothing has been sent yet.");
  });

  it("has Send, what came of it and the answer side by side, and on a phone one below the other", async () => {
    const page = await open();
    const boxOf = async (part: Locator) =>
      (await part.boundingBox()) ?? assert.fail("it is not shown");
    const boxes = async () => ({
      answer: await boxOf(page.page.locator(".area-answer")),
      outcome: await boxOf(page.outcome),
      send: await boxOf(page.page.locator("#send")),
    });

    for (const action of ["update", "modify"]) {
      await page.radio(action).check();
      await page.page.evaluate("scrollTo(0, 0)");
      await page.send();
      await page.sees(page.answer, `document-update:${action}`);

      const { answer, outcome, send } = await boxes();
      assert.equal(await page.page.evaluate("scrollY"), 0);
      assert.ok(send.y + send.height <= 900, `Send ends at ${send.y}`);
      assert.ok(answer.y + answer.height <= 900);
      assert.ok(outcome.x >= send.x + send.width);
      assert.ok(outcome.y < send.y + send.height && outcome.y > send.y);
      assert.ok(answer.x >= outcome.x + outcome.width);
    }

    await page.page.setViewportSize({ height: 740, width: 360 });
    const { answer, outcome, send } = await boxes();
    assert.ok(outcome.y > send.y && outcome.y < send.y + send.height);
    const gap = answer.y - send.y - send.height;
    assert.ok(gap > 0 && gap < 50, `the answer is ${gap} px below Send`);
  });

  it("sends as a user who is logged in, and has a storm sent by that user, too", async () => {
    const _id = await setting().demo.store(nativeTaxis, { seats: 4 });
    const tokens = new Set<unknown>();
    const page = await open({}, async (opened) => {
      opened.on("websocket", (socket) => {
        socket.on("framesent", ({ payload }) => {
          const sent = JSON.parse(String(payload)) as Record<string, unknown>;
          if (
            sent["collection"] === stormCollections.folded &&
            sent["action"] === "update"
          ) {
            tokens.add(sent["jwt"]);
          }
        });
      });
    });
    const updater = async () => {
      const stored = await setting().demo.stored(nativeTaxis, _id);
      return Object(stored["_kuzzle_info"])["updater"] as unknown;
    };
    await page.choose(nativeTaxis, _id);

    await page.logIn("logged in");
    await page.editor("Changes").fill('{ "seats": 8 }');
    await page.send();
    await page.sees(page.answer, '"updater": "sample-user"');
    assert.equal(await updater(), sampleUser._id);

    await page.startStorm(20);
    await page.seesStorm(/^Done\./);
    await page.sees(page.page.locator("#storm-plan"), "in flight, logged in,");
    assert.deepEqual(
      [...tokens].map((each) => typeof each),
      ["string"],
    );

    await page.logIn("anonymous");
    await page.editor("Changes").fill('{ "seats": 9 }');
    await page.send();
    await page.sees(page.answer, '"updater": "-1"');
    assert.equal(await updater(), "-1");
  });

  it("explains errors of Kuzzle in a sentence, and calls a version conflict one", async () => {
    const page = await open({}, (opened) =>
      opened.routeWebSocket(/.*/, (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
          const answer = JSON.parse(String(message)) as Record<string, unknown>;
          if (answer["action"] === "update") {
            // As Kuzzle answers an update that lost against another one.
            answer["error"] = {
              id: "services.storage.unexpected_error",
              message: "[liia]: version conflict, required seqNo [7]",
              status: 500,
            };
            answer["status"] = 500;
          }
          socket.send(JSON.stringify(answer));
        });
      }),
    );
    await page.radio("Native").check();

    await page.send();

    await page.sees(page.outcome.locator(".badge"), /^500$/);
    await page.sees(
      page.answer,
      "A version conflict: another client changed the document at the same time.",
    );
    const opened = page.page.waitForEvent("popup");
    await page.answer.getByRole("link").click();
    const errors = await opened;
    await page.sees(errors.locator(":target"), "What to do: Send it again, or");
  });

  it("shows an error of the server, and leads to what to do, in the colours that were chosen", async () => {
    const page = await open({ colorScheme: "light" });
    await page.radio("Dark").check();
    await page.openOptions();
    await page.page.getByLabel("ifVersion").fill("9999");

    await page.send();

    const id = "plugin.document-update.version_mismatch";
    const link = page.answer.getByRole("link", { name: id });
    await page.sees(page.outcome.locator(".badge"), /^412$/);
    await page.sees(
      page.notifications.locator("li"),
      "No notification: the update of liia failed.",
    );
    await page.sees(
      page.page.locator("#failures").getByRole("link", { name: id }),
      id,
    );

    const opened = page.page.waitForEvent("popup");
    await link.click();
    const errors = await opened;

    await page.sees(
      errors.locator(":target"),
      /The document has another version/,
    );
    await page.sees(errors.locator(":target h2"), id);
    await page.sees(
      errors.locator(":target"),
      "What to do: Read the document, decide again",
    );
    for (const width of [1_440, 360]) {
      await errors.setViewportSize({ height: 900, width });
      assert.deepEqual(await violationsOf(errors), []);
      assert.deepEqual(
        await errors.evaluate(
          "[getComputedStyle(document.body).backgroundColor, document.documentElement.scrollWidth]",
        ),
        [DARK, width],
      );
    }
  });

  /** What runs the request as it is copied from the page. */
  const runners: Readonly<
    Record<string, (copied: string) => Promise<{ status?: unknown }>>
  > = {
    JSON: async (copied) =>
      (await setting().demo.client.send(JSON.parse(copied))).body,
    curl: async (copied) =>
      JSON.parse(spawnSync("sh", ["-c", copied], { encoding: "utf8" }).stdout),
    "kuzzle-sdk": async (copied) =>
      spawnSync(process.execPath, ["--input-type=module", "-e", copied], {
        cwd: root,
        encoding: "utf8",
      }),
  };
  it("writes the request elsewhere so that it works, whatever is in it", async () => {
    const { demo } = setting();
    const _id = await demo.store(nativeTaxis, { seats: 4 }, "O'Hara & sons/1");
    const page = await open({
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await page.choose(nativeTaxis, _id);

    const code = page.page.locator("#code");
    for (const user of ["anonymous", "logged in"] as const) {
      await page.logIn(user);
      for (const [language, runCopied] of Object.entries(runners)) {
        const driver = `O'Hara "$(id)" \\ by ${language}, ${user}`;
        await page.editor("Changes").fill(JSON.stringify({ driver }));
        await page.radio(language).check();
        await page.sees(code, user === "logged in" ? /Bearer|jwt|login/ : "");
        await page.page.getByRole("button", { name: "Copy" }).click();
        await page.sees(page.page.locator("#copied"), "Copied");
        const copied = String(await code.textContent());
        await until(
          "the copy",
          async () =>
            (await page.page.evaluate("navigator.clipboard.readText()")) ===
            copied,
        );
        const { status } = await runCopied(copied);

        assert.ok(status === 200 || status === 0, copied);
        const stored = await demo.stored(nativeTaxis, _id);
        assert.equal(stored["driver"], driver);
        assert.equal(
          Object(stored["_kuzzle_info"])["updater"],
          user === "logged in" ? sampleUser._id : "-1",
        );
      }
    }
  });

  it("shows hostile content as text", async () => {
    const _id = await setting().demo.store(
      nativeTaxis,
      { driver: MARKUP, [MARKUP.replaceAll(".", "")]: 1 },
      `<b>${MARKUP}</b>`,
    );
    const page = await open({}, async (opened) => {
      // Kuzzle allows no such name: somebody in between does.
      await opened.routeWebSocket(/.*/, (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
          const data = JSON.parse(String(message)) as Record<string, unknown>;
          if (data["type"] === "document") {
            data["collection"] = MARKUP;
          }
          socket.send(JSON.stringify(data));
        });
      });
    });
    await page.choose(nativeTaxis, _id);
    await page.sees(page.page.locator("#source"), JSON.stringify(MARKUP));

    await page.editor("Changes").fill(JSON.stringify({ seats: MARKUP }));
    await page.send();
    await page.sees(page.outcome.locator(".badge"), /^4\d\d$/);
    await page.sees(page.answer, "<img src=x");

    await page.editor("Changes").fill(JSON.stringify({ driver: `${MARKUP}!` }));
    await page.send();
    await page.sees(page.notifications, `update ${MARKUP}/${_id}`);
    await page.sees(page.page.locator("#code"), "<img src=x");
    assert.equal(await page.page.locator("main img, main b img").count(), 0);
    assert.equal(await page.page.title(), "document-update: the demo");
  });

  it("takes a reader with nothing but a keyboard from the document to the answer", async () => {
    const page = await open();
    const press = async (key: string, times = 1) => {
      for (let each = 0; each < times; each++) {
        await page.page.keyboard.press(key);
      }
    };
    const focused = () =>
      page.page.evaluate<string>("document.activeElement.name");

    await press("Tab");
    await page.sees(page.page.locator(":focus"), "Skip to the document");
    await press("Enter");
    for (let each = 0; (await focused()) !== "way"; each++) {
      assert.ok(each < 10, "Tab does not reach the ways");
      await press("Tab");
    }
    await press("ArrowLeft");
    await press("Tab", 2);
    await press("Control+a");
    await page.page.keyboard.type('{ "seats": 3 }');
    await press("Control+Enter");

    await page.sees(page.answer, "document:update");
    await page.sees(page.answer, '"seats": 3');
    const outline = await page.page.evaluate(
      "getComputedStyle(document.activeElement.closest('.editor')).outlineStyle",
    );
    assert.notEqual(outline, "none");
  });

  it("stops a storm and deletes what it made, copies and changes the colours, with nothing but a keyboard", async () => {
    const page = await open({
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const { keyboard } = page.page;
    const tabTo = async (selector: string) => {
      const focused = page.page.locator(`${selector}:focus`);
      for (let each = 0; (await focused.count()) === 0; each++) {
        assert.ok(each < 50, `Tab does not reach ${selector}`);
        await keyboard.press("Tab");
      }
    };

    await tabTo("[name=theme]");
    await keyboard.press("ArrowRight");
    await keyboard.press("ArrowRight");
    assert.equal(
      await page.page.evaluate("document.documentElement.dataset.theme"),
      "dark",
    );

    await tabTo("#copy");
    await keyboard.press("Enter");
    await page.sees(page.page.locator("#copied"), /^Copied$/);

    await tabTo("[name=updates]");
    await keyboard.press("Control+a");
    await keyboard.type("5000");
    await tabTo("#run-storm");
    await keyboard.press("Enter");
    await page.seesStorm(/: running\.$/);
    const settings = page.page
      .locator("#storm-settings")
      .locator("input, select");
    for (const fixed of await settings.all()) {
      assert.equal(await fixed.isDisabled(), true);
    }
    // Its control is disabled while it runs.
    await page.page.locator("#stop-storm:focus").waitFor();
    await keyboard.press("Enter");
    await page.seesStorm(/^Stopped\. .*deleted\.$/);
    assert.equal(await setting().demo.countOfStorms(), 0);
    await page.page.locator("#run-storm:focus").waitFor();
    await page.radio("Count").check();
    await page.sees(page.page.locator("#verdict"), /^Run it to see/);
  });

  it("leads to its sections, and hides no heading, however wide it is", async () => {
    const page = await open({ reducedMotion: "reduce" });
    const isInSight = `(() => {
      const heading = document.getElementById("storm-title");
      const { height, left, top } = heading.getBoundingClientRect();
      return [2, height - 2].every((y) => document.elementFromPoint(left + 2, top + y) === heading);
    })()`;

    for (const width of [360, 768, 1_000, 1_152, 1_440]) {
      await page.page.setViewportSize({ height: 800, width });
      await page.page.evaluate("scrollTo(0, 0)");
      await page.page.getByRole("link", { name: "Storm" }).click();

      assert.equal(await page.page.evaluate(isInSight), true, `${width} px`);
    }
  });

  it("tells that the connection is lost, and comes back with the application, which begins without what storms have left", async () => {
    const { demo } = setting();
    const page = await open();
    const shown = page.page.locator("#connection");
    for (const collection of Object.values(stormCollections)) {
      await demo.store(collection, { count: 1 });
    }

    await demo.restart(async () => {
      await page.sees(shown, "Connection lost: trying again");
      await page.send();
      await page.sees(page.outcome, "Not connected.");
    });

    assert.equal(await demo.countOfStorms(), 0);
    await page.connected();
    // Its subscriptions came back, too.
    await until("a notification", async () => {
      await page.send();
      return (await page.notifications.locator("li.own").count()) > 0;
    });
  });

  it("runs a storm on a counter in a narrow window: a client's loop overwrites increments, modify does not", async () => {
    const page = await open({ viewport: { height: 800, width: 360 } });
    await page.radio("Count").check();
    await page.page
      .getByLabel("Native tries again after a conflict")
      .selectOption("50");

    await page.runStorm(100);

    await page.sees(
      page.page.locator("#verdict li").nth(1),
      /^Modify counted all 100 increments, .* answered a second, median latency [\d,.]+ ms\.$/,
    );
    await page.sees(page.page.locator(".scroll-hint"), "Scroll sideways");
    for (const part of await page.page.locator(".order").all()) {
      assert.equal(await part.isVisible(), false);
    }
    assert.deepEqual(await violationsOf(page.page), []);
    assert.deepEqual((await page.figures("Stored")).slice(1), ["100", "100"]);
    const [loop, ...others] = await page.figures("Overwritten");
    assert.ok(Number(loop) > 0, "the loop has overwritten nothing");
    assert.deepEqual(others, ["0", "0"]);
    assert.equal(await setting().demo.countOfStorms(), 0);
  });

  it("runs a storm of devices that measure one asset: none of the plugin's ways leaves a stale measure", async () => {
    const page = await open({ viewport: { height: 800, width: 360 } });
    await page.radio("Measure").check();

    await page.runStorm(64);

    const sentences = page.page.locator("#verdict li");
    for (const [way, name] of [
      [0, "Kuzzle's Mutex"],
      [2, "Modify with steps"],
      [3, "UpdateWith"],
    ] as const) {
      await page.sees(
        sentences.nth(way),
        new RegExp(`^${name} took all 64 payloads; no measure is stale.*\\.$`),
      );
    }
    // How many are overwritten there, and how many fail, differs each time.
    await page.sees(sentences.nth(1), /failed with|stale|took all/);
    assert.deepEqual(await violationsOf(page.page), []);
    assert.equal(await setting().demo.countOfStorms(), 0);
  });

  it("has no charts and no results before a storm; then the verdict is above them, and tables show where there is more", async () => {
    const page = await open();
    const parts = ["#verdict", "#charts", "#results"].map((each) =>
      page.page.locator(each),
    );
    const hint = page.page.locator(".scroll-hint");
    const isShown = () => Promise.all(parts.map((part) => part.isVisible()));
    assert.deepEqual(await isShown(), [true, false, false]);

    await page.startStorm(20);
    await page.seesStorm(/^Done\./);

    assert.deepEqual(await isShown(), [true, true, true]);
    const tops = await Promise.all(
      parts.map(async (part) => (await part.boundingBox())?.y),
    );
    assert.deepEqual(
      tops,
      [...tops].sort((one = 0, other = 0) => one - other),
    );
    assert.deepEqual(
      await page.page.locator("#charts figcaption").allInnerTexts(),
      ["Stored updates", "Failed updates", "Latency (p95), ms"],
    );
    assert.equal(await hint.isVisible(), false);
    await page.page.setViewportSize({ height: 740, width: 360 });
    assert.equal(await hint.isVisible(), true);
    await page.radio("Count").check();
    assert.deepEqual(await isShown(), [true, false, false]);
  });

  /** Opens the page, and has it in the midst of a storm of the plugin. */
  const openInStorm = async (
    prepare?: (page: Page) => Promise<unknown>,
  ): Promise<DemoReader> => {
    const page = await open({}, prepare);
    await page.box("Native document:update").uncheck();
    await page.box("Plugin, fold").uncheck();
    await page.startStorm(5_000);
    await page.seesStorm(/: running\.$/);
    assert.notEqual(await setting().demo.countOfStorms(), 0);
    return page;
  };
  const untilCleanedUp = () =>
    until(
      "an end of the storm's documents",
      async () => (await setting().demo.countOfStorms()) === 0,
    );

  it("deletes what a storm made that a lost connection has cut off", async () => {
    const connections: WebSocketRoute[] = [];
    const page = await openInStorm((opened) =>
      opened.routeWebSocket(/.*/, (socket) => {
        connections.push(socket, socket.connectToServer());
      }),
    );

    await Promise.all(connections.splice(0).map((each) => each.close()));

    await page.seesStorm(/^Stopped\. The connection was lost\..*deleted\.$/);
    assert.equal(await setting().demo.countOfStorms(), 0);
  });

  it("deletes what a storm made when the page is closed", async () => {
    const page = await openInStorm();

    await page.page.close();

    await untilCleanedUp();
  });

  it("deletes what a storm made when the page is loaded again", async () => {
    const page = await openInStorm((opened) =>
      // As if what the page sends at its end did not arrive.
      opened.addInitScript(
        'addEventListener("pagehide", (event) => event.stopImmediatePropagation())',
      ),
    );

    await page.page.reload();

    await untilCleanedUp();
  });

  it("asks for no deletion at its end once a storm has ended", async () => {
    const page = await open({}, (opened) =>
      opened.addInitScript("fetch = (url) => (sessionStorage.asked = url)"),
    );
    await page.startStorm(20);
    await page.seesStorm(/^Done\./);

    await page.page.reload();

    assert.equal(await page.page.evaluate("sessionStorage.asked"), undefined);
  });

  it("is accessible, and fits, in each colour scheme and however wide it is", async () => {
    const page = await open();
    const isAccessible = async () => {
      for (const colorScheme of ["light", "dark"] as const) {
        for (const width of [360, 1_440]) {
          await page.page.setViewportSize({ height: 900, width });
          await page.page.emulateMedia({ colorScheme });
          assert.deepEqual(
            await violationsOf(page.page),
            [],
            `${colorScheme}, ${width} px`,
          );
          assert.equal(
            await page.page.evaluate("document.documentElement.scrollWidth"),
            width,
          );
          assert.equal(
            await page.page.evaluate(
              "getComputedStyle(document.body).backgroundColor",
            ),
            colorScheme === "dark" ? DARK : "rgb(244, 246, 248)",
          );
        }
      }
    };

    await page.openOptions();
    await page.page.getByLabel("ifVersion").fill("9999");
    await page.send();
    await page.sees(page.outcome.locator(".badge"), "412");
    await page.editor("Changes").fill("{");
    await isAccessible();

    await page.page.getByLabel("ifVersion").fill("");
    await page.box("source").check();
    await page.editor("Changes").fill('{ "seats": 17 }');
    await page.send();
    await page.sees(page.answer.locator("mark"), '"seats": 17');
    await page.notifications.locator("li.own .chip").first().waitFor();
    await page.radio("modify").check();
    await isAccessible();
  });

  it("shows the figures of the node", async () => {
    const page = await open();
    const updates = page.page
      .locator("#stats div")
      .filter({ hasText: "Updates" })
      .first()
      .locator("dd");
    await page.sees(updates, /^[\d,]+$/);
    const before = Number((await updates.innerText()).replaceAll(",", ""));
    const ranges = async (id: string) =>
      (await page.page.locator(`#${id} .range`).allInnerTexts()).join();
    assert.equal(
      await ranges("batches"),
      "1,2,3–4,5–8,9–16,17–32,33–64,65–128,129–256,over 256",
    );
    assert.match(
      await ranges("delegate"),
      /^0–1,1–2\.5,2\.5–5,5–10,.*,over 10,000$/,
    );

    await page.send();

    await until("another update in the figures", async () => {
      const now = Number((await updates.innerText()).replaceAll(",", ""));
      return now > before;
    });
  });
});
