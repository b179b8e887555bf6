import { planLocal } from "../../scripts/services/local.mjs";
import { startPlan } from "../../scripts/services/startPlan.mjs";

export type ServiceName = "elasticsearch" | "redis";

/** Elasticsearch and Redis as processes of this machine, which tests can pause, end and restart. */
export class ControlledServices {
  readonly elasticsearchUrl: string;
  readonly redisUrl: string;
  readonly #order: Awaited<ReturnType<typeof startPlan>>["order"];
  readonly #stop: () => Promise<void>;

  private constructor(
    started: Awaited<ReturnType<typeof startPlan>>,
    stop: () => Promise<void>,
  ) {
    this.elasticsearchUrl = String(started.elasticsearchUrl);
    this.redisUrl = String(started.redisUrl);
    this.#order = started.order;
    this.#stop = stop;
  }

  static async start(): Promise<ControlledServices> {
    let stop = async (): Promise<void> => {};
    const started = await startPlan(
      () => planLocal({ elasticsearch: true, redis: true }, { restarts: true }),
      (stopIt) => {
        stop = stopIt;
      },
    );

    return new ControlledServices(started, stop);
  }

  /** Ends a service without a warning. */
  async kill(name: ServiceName): Promise<void> {
    await this.#order({ name, signal: "SIGKILL" });
  }

  /** Starts a service that has ended, and waits until it answers. */
  async restart(name: ServiceName): Promise<void> {
    await this.#order({ name });
  }

  /** Has a service neither answer nor hang up, until it is resumed. */
  async pause(name: ServiceName): Promise<void> {
    await this.#order({ name, signal: "SIGSTOP" });
  }

  async resume(name: ServiceName): Promise<void> {
    await this.#order({ name, signal: "SIGCONT" });
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}
