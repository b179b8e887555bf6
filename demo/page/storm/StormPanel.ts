import type { Client } from "../Client";
import { newClient } from "../Connection";
import { byId } from "../elements";
import { numbers } from "../numbers";
import type { Contender } from "./contenders";
import { deleteLeftovers, deleteLeftoversAtEnd } from "./leftovers";
import { Ledger } from "./Ledger";
import { ResultsTable } from "./ResultsTable";
import { runContender, type StormPlan } from "./runContender";
import { StormCharts } from "./StormCharts";
import { countOverwritten, createDocuments } from "./stormDocuments";
import { StormForm } from "./StormForm";
import { type Result, verdict } from "./verdict";
import { showVerdict, showVerdictText } from "./VerdictView";

const NOT_CONNECTED = "Not connected.";
const SAMPLE_MS = 200;
/** Updates of each way before any is counted: the first ones are slow, whichever way they take. */
const WARM_UP_UPDATES = { counter: 200, measure: 8, update: 200 };
/** Kuzzle closes a connection whose client is slow to take its answers: 50 of them are too many. */
const CLIENTS_PER_CONNECTION = 32;

/** The storm: many clients that update at once. */
export class StormPanel {
  readonly #form: StormForm;
  readonly #charts = new StormCharts(SAMPLE_MS);
  readonly #table = new ResultsTable();
  readonly #client: () => Client | undefined;
  readonly #token: () => Promise<string | undefined>;
  #isStopped = false;
  /** Why a storm was cut short, where it was not by its reader. */
  #cut: string | undefined;

  /**
   * @param client of the page's connection, while there is one
   * @param token of the user who sends, unless it is the anonymous one
   */
  constructor(
    client: () => Client | undefined,
    token: () => Promise<string | undefined>,
  ) {
    this.#client = client;
    this.#token = token;
    deleteLeftoversAtEnd();
    this.#form = new StormForm(
      () => {
        this.#showRun(false);
        byId("storm-plan").textContent = "";
        showVerdictText(
          "Run it to see what is stored, what fails, and how long it takes.",
        );
      },
      () => void this.#storm(),
      () => {
        this.#isStopped = true;
        this.#form.say("Stopping: waiting for the updates that were sent.");
      },
    );
  }

  /** Deletes what a storm left that was cut off. */
  async recover(client: Client): Promise<void> {
    if (!this.#form.isRunning) {
      await deleteLeftovers(client);
    }
  }

  /** Draws the charts in the colours of the page. */
  redraw(): void {
    this.#charts.redraw();
  }

  async #storm(): Promise<void> {
    const { plan, ways } = this.#form;
    const first = this.#client();
    if (ways.length === 0) {
      this.#form.say("Choose at least one way.");
      return;
    }
    if (first === undefined) {
      this.#form.say(NOT_CONNECTED);
      return;
    }

    this.#isStopped = false;
    this.#cut = undefined;
    this.#form.begin();
    this.#form.say("Connecting.");
    const jwt = await this.#token();
    const labels = ways.map(({ label }) => label);
    byId("storm-plan").textContent = textOf(plan, jwt !== undefined);
    showVerdictText("Running.");
    this.#showRun(true);
    this.#table.begin(labels);
    this.#charts.begin(labels);
    const clients: Client[] = [];
    const results: Result[] = [];
    try {
      await this.#connect(plan, jwt, clients);
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
        this.#form.say(`${way.label}: done.`);
        showVerdict(verdict(results));
      }
    } catch (error) {
      this.#cut ??= error instanceof Error ? error.message : String(error);
    } finally {
      this.#close(clients);
      await this.#cleanUp();
      this.#end(results, ways.length);
    }
  }

  /** Opens the connections that the clients of a storm share. */
  async #connect(
    { inFlight }: StormPlan,
    jwt: string | undefined,
    clients: Client[],
  ): Promise<void> {
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
      if (jwt !== undefined) {
        client.jwt = jwt;
      }
      clients.push(client);
    }
  }

  async #warmUp(
    plan: StormPlan,
    way: Contender,
    clients: readonly Client[],
  ): Promise<void> {
    this.#form.say(`${way.label}: warming up.`);
    const updates = Math.min(plan.updates, WARM_UP_UPDATES[way.kind]);
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

    this.#form.say(`${label}: running.`);
    const ledger = new Ledger(performance.now());
    const take = () => {
      const figures = ledger.figures(performance.now());
      const { failed, stored } = figures;
      this.#charts.add(position, [stored, failed, ledger.recentP95()]);
      this.#table.fill(position, figures);
      this.#form.showProgress(
        (position + ledger.answered / plan.updates) / ways.length,
      );
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
        ledger.steps,
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
    this.#form.say("Deleting the documents of the storm.");
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

  #end(results: readonly Result[], ways: number): void {
    this.#form.end();
    const reason = this.#cut ?? "";
    const isWhole = results.length === ways && !this.#isStopped;
    this.#form.say(
      [
        isWhole ? "Done." : `Stopped. ${reason}`,
        "Its documents are deleted.",
      ].join(" "),
    );
    if (results.length === 0) {
      showVerdictText(`Nothing was run. ${reason}`);
    }
  }

  /** Shows the charts and the results, or hides them while there is nothing in them. */
  #showRun(isShown: boolean): void {
    byId("storm-lines").hidden = !isShown;
    byId("storm-results").hidden = !isShown;
  }
}

function textOf(
  { inFlight, isHot, updates }: StormPlan,
  isLoggedIn: boolean,
): string {
  const clients = inFlight === 1 ? "1 client" : `${inFlight} clients`;
  const user = isLoggedIn ? "logged in" : "anonymous";
  const documents = isHot ? "one hot document" : "one document per client";

  return `${clients} in flight, ${user}, ${documents}, ${numbers(updates)} updates each way.`;
}
