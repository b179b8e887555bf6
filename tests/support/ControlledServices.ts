import { planLocal } from "../../scripts/services/local.mjs";
import { becomesTrue } from "../../scripts/services/answers.mjs";
import { startPlan } from "../../scripts/services/startPlan.mjs";

export type ServiceName = "elasticsearch" | "redis";

/** Elasticsearch and Redis as processes of this machine, which tests can pause, end and restart. */
export class ControlledServices {
  readonly elasticsearchUrl: string;
  readonly redisUrl: string;
  readonly #started: Awaited<ReturnType<typeof startPlan>>;

  private constructor(started: Awaited<ReturnType<typeof startPlan>>) {
    this.elasticsearchUrl = String(started.elasticsearchUrl);
    this.redisUrl = String(started.redisUrl);
    this.#started = started;
  }

  static async start(): Promise<ControlledServices> {
    const wanted = { elasticsearch: true, redis: true };

    return new ControlledServices(
      await startPlan((folder) => planLocal(wanted, folder)),
    );
  }

  /** Ends a service without a warning. */
  async kill(name: ServiceName): Promise<void> {
    this.#signal(name, "SIGKILL");
    await becomesTrue(async () => !this.#started.running.has(name), 10_000);
  }

  /** Starts a service that has ended, and waits until it answers. */
  async restart(name: ServiceName): Promise<void> {
    const { services, start } = this.#started;
    await start(services.filter((each) => each.name === name));
  }

  /** Has a service neither answer nor hang up, until it is resumed. */
  async pause(name: ServiceName): Promise<void> {
    this.#signal(name, "SIGSTOP");
  }

  async resume(name: ServiceName): Promise<void> {
    this.#signal(name, "SIGCONT");
  }

  async stop(): Promise<void> {
    await this.#started.stop();
  }

  #signal(name: ServiceName, signal: NodeJS.Signals): void {
    this.#started.running.get(name)?.kill(signal);
  }
}
