import { sample } from "../../sampleData";
import type { Client } from "../Client";
import { newClient } from "../Connection";
import { byId, chosen, control, element } from "../elements";
import { numbers } from "../numbers";
import { type Contender, contenders } from "./contenders";
import { deleteLeftovers, deleteLeftoversAtEnd, remember } from "./leftovers";
import { Ledger } from "./Ledger";
import { ResultsTable } from "./ResultsTable";
import {
  countOverwritten,
  documentsOf,
  runContender,
  type StormPlan,
} from "./runContender";
import { StormCharts } from "./StormCharts";
import type { StormKind } from "./StormKind";
import { type Result, verdict } from "./verdict";
import { showVerdict, showVerdictText } from "./VerdictView";

const NOT_CONNECTED = "Not connected.";
const SAMPLE_MS = 200;
const MOST_IN_FLIGHT = 256;
const MOST_UPDATES = 5_000;
/** Updates of each way before any is counted: the first ones are slow, whichever way they take. */
const WARM_UP_UPDATES = 200;
/** Kuzzle closes a connection whose client is slow to take its answers: 50 of them are too many. */
const CLIENTS_PER_CONNECTION = 32;

/** The storm: many clients that update at once. */
export class StormPanel {
  readonly #form = byId<HTMLFormElement>("storm-form");
  readonly #settings = byId<HTMLFieldSetElement>("storm-settings");
  readonly #run = byId<HTMLButtonElement>("run-storm");
  readonly #stop = byId<HTMLButtonElement>("stop-storm");
  readonly #progress = byId<HTMLProgressElement>("storm-progress");
  readonly #charts = new StormCharts(SAMPLE_MS);
  readonly #table = new ResultsTable();
  readonly #client: () => Client | undefined;
  #isStopped = false;
  /** Why a storm was cut short, where it was not by its reader. */
  #cut: string | undefined;

  /** @param client of the page's connection, while there is one */
  constructor(client: () => Client | undefined) {
    this.#client = client;
    deleteLeftoversAtEnd();
    this.#form.addEventListener("change", ({ target }) => {
      if ((target as HTMLInputElement).name === "kind") {
        this.#offer();
      }
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#storm();
    });
    this.#stop.addEventListener("click", () => {
      this.#isStopped = true;
      this.#say("Stopping: waiting for the updates that were sent.");
    });
    this.#offer();
  }

  /** Deletes what a storm left that was cut off. */
  async recover(client: Client): Promise<void> {
    if (!this.#run.disabled) {
      await deleteLeftovers(client);
    }
  }

  /** Draws the charts in the colours of the page. */
  redraw(): void {
    this.#charts.redraw();
  }

  get #kind(): StormKind {
    return chosen(this.#form, "kind") as StormKind;
  }

  get #chosen(): Contender[] {
    return contenders.filter(
      ({ key, kind }) =>
        kind === this.#kind && control(this.#form, `way-${key}`).checked,
    );
  }

  /** Offers the ways of what clients do. */
  #offer(): void {
    const offered = contenders.filter(({ kind }) => kind === this.#kind);
    byId("contenders").replaceChildren(
      element("legend", {}, "Ways"),
      ...offered.map(({ isDefault, key, label }) => {
        const box = element("input", {
          name: `way-${key}`,
          type: "checkbox",
        });
        box.checked = isDefault;
        return element("label", { class: "switch" }, box, label);
      }),
    );
    this.#show(offered);
  }

  async #storm(): Promise<void> {
    const plan = this.#plan();
    const ways = this.#chosen;
    const first = this.#client();
    if (ways.length === 0) {
      this.#say("Choose at least one way.");
      return;
    }
    if (first === undefined) {
      this.#say(NOT_CONNECTED);
      return;
    }

    this.#begin(plan);
    const clients: Client[] = [];
    const results: Result[] = [];
    try {
      this.#show(ways);
      await this.#connect(plan, clients);
      for (const way of ways) {
        await this.#warmUp(plan, way, clients);
      }
      for (const [position, way] of ways.entries()) {
        if (this.#isStopped) {
          break;
        }
        const result = await this.#runOne(plan, ways, position, clients);
        results.push(result);
        this.#table.fill(position, result.figures, results[0]?.figures);
        this.#say(`${way.label}: done.`);
      }
    } catch (error) {
      this.#cut ??= error instanceof Error ? error.message : String(error);
    } finally {
      this.#close(clients);
      await this.#cleanUp();
      this.#end(results, ways.length);
    }
  }

  #plan(): StormPlan {
    const { value: retries } = control(this.#form, "retries");
    const { value: updates } = control(this.#form, "updates");
    const { value: inFlight } = control(this.#form, "inFlight");

    return {
      inFlight: Math.min(Number(inFlight), MOST_IN_FLIGHT),
      isHot: chosen(this.#form, "documents") === "hot",
      retryOnConflict: retries === "" ? undefined : Number(retries),
      updates: Math.min(Number(updates), MOST_UPDATES),
    };
  }

  /** Opens the connections that the clients of a storm share. */
  async #connect({ inFlight }: StormPlan, clients: Client[]): Promise<void> {
    const count = Math.ceil(inFlight / CLIENTS_PER_CONNECTION);
    for (let each = 0; each < count; each++) {
      const client = newClient();
      client.on("disconnected", () => {
        if (clients.includes(client)) {
          this.#isStopped = true;
          this.#cut = "The connection was lost.";
        }
      });
      await client.connect();
      clients.push(client);
    }
  }

  async #warmUp(
    plan: StormPlan,
    way: Contender,
    clients: readonly Client[],
  ): Promise<void> {
    this.#say(`${way.label}: warming up.`);
    const updates = Math.min(plan.updates, WARM_UP_UPDATES);
    await runContender(
      { ...plan, updates },
      way,
      await createDocuments(plan, way, clients),
      clients,
      new Ledger(performance.now()),
      () => this.#isStopped,
    );
  }

  async #runOne(
    plan: StormPlan,
    ways: readonly Contender[],
    position: number,
    clients: readonly Client[],
  ): Promise<Result> {
    const [client] = clients;
    const way = ways[position];
    if (client === undefined || way === undefined) {
      throw new Error(NOT_CONNECTED);
    }
    const { kind, label, name } = way;
    const ids = await createDocuments(plan, way, clients);

    this.#say(`${label}: running.`);
    const ledger = new Ledger(performance.now());
    const take = () => {
      const figures = ledger.figures(performance.now());
      const { failed, outOfOrder, stored } = figures;
      this.#charts.add(position, [
        stored,
        failed,
        outOfOrder,
        ...ledger.recentLatencies(),
      ]);
      this.#table.fill(position, figures);
      this.#progress.value =
        (position + ledger.answered / plan.updates) / ways.length;
    };
    take();
    const timer = setInterval(take, SAMPLE_MS);
    try {
      await runContender(
        plan,
        way,
        ids,
        clients,
        ledger,
        () => this.#isStopped,
      );
    } finally {
      clearInterval(timer);
    }
    take();
    if (this.#cut === undefined) {
      ledger.overwritten = await countOverwritten(
        client,
        way,
        ids,
        ledger.stored,
      );
    }

    return {
      figures: ledger.figures(performance.now()),
      kind,
      name,
      updates: ledger.answered,
    };
  }

  #close(clients: Client[]): void {
    for (const client of clients.splice(0)) {
      client.disconnect();
    }
  }

  /** Deletes the documents, as soon as there is a connection. */
  async #cleanUp(): Promise<void> {
    this.#say("Deleting the documents of the storm.");
    for (;;) {
      const client = this.#client();
      try {
        if (client) {
          await deleteLeftovers(client);
          return;
        }
      } catch {
        // The connection was lost in between.
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  #begin({ inFlight, isHot, updates }: StormPlan): void {
    this.#isStopped = false;
    this.#cut = undefined;
    // A control that is disabled loses the focus of who used it.
    const hadFocus = this.#form.contains(document.activeElement);
    this.#run.disabled = true;
    this.#settings.disabled = true;
    this.#stop.disabled = false;
    if (hadFocus) {
      this.#stop.focus();
    }
    this.#progress.value = 0;
    byId("storm-plan").textContent =
      `${numbers(inFlight)} ${inFlight === 1 ? "client" : "clients"} in flight, ${isHot ? "one hot document" : "one document per client"}, ${numbers(updates)} updates each way.`;
    showVerdictText("Running.");
    this.#say("Connecting.");
  }

  #end(results: readonly Result[], ways: number): void {
    const hadFocus = document.activeElement === this.#stop;
    this.#run.disabled = false;
    this.#settings.disabled = false;
    this.#stop.disabled = true;
    if (hadFocus) {
      this.#run.focus();
    }
    const reason = this.#cut ?? "";
    const isWhole = results.length === ways && !this.#isStopped;
    this.#say(
      [
        isWhole ? "Done." : `Stopped. ${reason}`,
        "Its documents are deleted.",
      ].join(" "),
    );
    this.#progress.value = 0;
    if (results.length > 0) {
      showVerdict(verdict(results));
    } else {
      showVerdictText(`Nothing was run. ${reason}`);
    }
  }

  #say(text: string): void {
    byId("storm-status").textContent = text;
  }

  /** Begins the charts and the table anew, for these ways. */
  #show(ways: readonly Contender[]): void {
    const labels = ways.map(({ label }) => label);
    this.#table.begin(labels);
    this.#charts.begin(labels);
  }
}

/** Creates the documents that one way updates. */
async function createDocuments(
  plan: StormPlan,
  { collection }: Contender,
  [client]: readonly Client[],
): Promise<readonly string[]> {
  const ids = documentsOf(plan);
  remember(collection, ids);
  await client?.document.mCreate(
    sample.index,
    collection,
    ids.map((_id) => ({ _id, body: { count: 0, step: -1 } })),
  );

  return ids;
}
