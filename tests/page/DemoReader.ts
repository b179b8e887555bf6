import assert from "node:assert/strict";

import type {
  Browser,
  BrowserContextOptions,
  Locator,
  Page,
} from "playwright-core";

import type { Demo } from "./Demo";
import { watchLayout } from "./layoutChanges";

/** Longest wait for something that the page does, in ms. */
const WAIT_MS = 15_000;
/** And for the end of a storm. */
const STORM_MS = 90_000;

/** Somebody who looks at the page of the demo, in a browser of their own. */
export class DemoReader {
  /** What went wrong in the page, and what it asked of others. */
  readonly complaints: string[] = [];
  readonly page: Page;
  readonly #demo: Demo;

  private constructor(page: Page, demo: Demo) {
    this.page = page;
    this.#demo = demo;
    page.setDefaultTimeout(WAIT_MS);
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      // A connection that is lost is an error there, too.
      if (message.type() === "error" && !message.text().includes("WebSocket")) {
        this.complaints.push(message.text());
      }
    });
    page.on("request", (request) => {
      const { host, protocol } = new URL(request.url());
      if (protocol !== "data:" && host !== new URL(demo.url).host) {
        this.complaints.push(`asked ${request.url()}`);
      }
    });
  }

  /** Opens the page. @param prepare does something to it before */
  static async open(
    browser: Browser,
    demo: Demo,
    options: BrowserContextOptions = {},
    prepare: (page: Page) => Promise<unknown> = async () => {},
  ): Promise<DemoReader> {
    const context = await browser.newContext({
      viewport: { height: 900, width: 1_440 },
      ...options,
    });
    const page = await context.newPage();
    const reader = new DemoReader(page, demo);
    await prepare(page);
    await page.goto(demo.url);
    await reader.connected();

    return reader;
  }

  /** Waits for the connection, and for the document. */
  async connected(): Promise<void> {
    await this.sees(this.page.locator("#connection"), "Connected");
    await this.page.locator("#source .line").first().waitFor();
  }

  /** Looks at a document. */
  async choose(collection: string, _id: string): Promise<void> {
    await this.page
      .getByRole("combobox", { name: "Collection" })
      .selectOption(collection);
    const documents = this.page.getByRole("combobox", {
      exact: true,
      name: "Document",
    });
    await documents.locator(`option[value=${JSON.stringify(_id)}]`).waitFor({
      state: "attached",
    });
    await documents.selectOption(_id);
  }

  radio(name: string): Locator {
    return this.page.getByRole("radio", { exact: true, name });
  }

  box(name: string): Locator {
    return this.page.getByRole("checkbox", { exact: true, name });
  }

  editor(name: string): Locator {
    return this.page.getByRole("textbox", { name });
  }

  /** Unfolds the options, which have boxes and fields. */
  async openOptions(): Promise<void> {
    await this.page.locator("#options > summary").click();
  }

  /** Sends as that user from now on. */
  async logIn(user: "anonymous" | "logged in"): Promise<void> {
    await this.page.getByLabel("User").selectOption(user);
  }

  /** Status and time of the answer, beside the button. */
  get outcome(): Locator {
    return this.page.locator("#outcome");
  }

  get answer(): Locator {
    return this.page.locator("#answer");
  }

  get notifications(): Locator {
    return this.page.locator("#notifications");
  }

  async send(): Promise<void> {
    await this.page.getByRole("button", { exact: true, name: "Send" }).click();
  }

  /** Waits until a storm is in this state. */
  async seesStorm(status: RegExp): Promise<void> {
    await this.sees(this.page.locator("#storm-status"), status, STORM_MS);
  }

  /** Starts a storm. */
  async startStorm(updates: number): Promise<void> {
    await this.page.getByLabel("Updates, each way").fill(String(updates));
    await this.page.getByRole("button", { name: "Run" }).click();
  }

  /** Runs a storm to its end. Once its charts are there, nothing may move. */
  async runStorm(updates: number): Promise<void> {
    await this.startStorm(updates);
    await this.page.locator("#charts canvas").first().waitFor();
    const layoutChanges = await watchLayout(this.page);

    await this.seesStorm(/^Done\./);

    assert.deepEqual(await layoutChanges(), []);
  }

  /** The figures of a storm in the column of that name, of each way. */
  async figures(column: string): Promise<string[]> {
    const columns = this.page.locator("#results thead th");
    const position = (await columns.allInnerTexts()).indexOf(column);
    assert.notEqual(position, -1, `there is no column ${column}`);

    return this.page
      .locator(`#results tbody tr > :nth-child(${position + 1})`)
      .allInnerTexts();
  }

  /** Waits until a part of the page has a text. */
  async sees(
    part: Locator,
    text: RegExp | string,
    timeout = WAIT_MS,
  ): Promise<void> {
    await part
      .filter({ hasText: text })
      .waitFor({ timeout })
      .catch(async () => {
        assert.fail(
          `"${String(text)}" is not in "${(await part.allInnerTexts()).join()}"`,
        );
      });
  }

  /** Closes the browser. @throws when anything went wrong in the page, or it asked somebody else */
  async close(): Promise<void> {
    await this.page.context().close();
    assert.deepEqual(this.complaints, [], this.#demo.url);
  }
}
