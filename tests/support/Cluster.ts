import { chooseClusterPlatform } from "./chooseClusterPlatform";
import { Stage } from "./Stage";
import { isolated } from "./TestApplication";
import { until } from "./until";
import { WebSocketClient } from "./WebSocketClient";

/** The nodes of a cluster, by number. */
export const nodeNumbers = [1, 2, 3] as const;

export type NodeNumber = (typeof nodeNumbers)[number];

/** A Kuzzle node, in a process that can be killed and started again. */
export interface ClusterNode {
  readonly host: string;
  readonly port: number;
  /**
   * @param env added to its environment
   * @throws with the end of its log when it does not start
   */
  start(env?: Record<string, string>): Promise<void>;
  /** Stops it as an administrator does. */
  stop(): Promise<void>;
  /** Kills its process at once. */
  kill(): Promise<void>;
}

/** A client of each node. */
export type NodeClients = Readonly<Record<NodeNumber, WebSocketClient>>;

/** Nodes that are not started yet, and what they need. */
export interface ClusterPlatform {
  /** As this process reaches it. */
  readonly elasticsearchUrl: string;
  readonly nodes: Readonly<Record<NodeNumber, ClusterNode>>;
  /** Stops what runs, and deletes what was made or stored. */
  delete(): Promise<void>;
}

/**
 * Makes a platform.
 *
 * @param suffix of what it makes or stores
 * @param env of every node
 */
export type StartClusterPlatform = (
  suffix: string,
  env: Record<string, string>,
) => Promise<ClusterPlatform>;

/** The part of `cluster:status` that the tests use. */
export interface ClusterStatus {
  readonly activeNodes: number;
  readonly activity: readonly { event: "joined" | "evicted" }[];
  readonly nodes: readonly { id: string; address: string }[];
}

/** The Kuzzle application of tests/application on three nodes, one Elasticsearch and one Redis. */
export class Cluster extends Stage {
  readonly nodes: ClusterPlatform["nodes"];
  readonly #platform: ClusterPlatform;

  private constructor(
    suffix: string,
    platform: ClusterPlatform,
    stage: WebSocketClient,
  ) {
    super(suffix, stage);
    this.nodes = platform.nodes;
    this.#platform = platform;
  }

  /** Tells why this machine cannot run one; nothing where it can. */
  static async unmet(): Promise<string | undefined> {
    return (await chooseClusterPlatform()).unmet;
  }

  /** @param env added to the environment of every node */
  static async start(env: Record<string, string> = {}): Promise<Cluster> {
    const own = isolated();
    const { start } = await chooseClusterPlatform();
    const platform = await start(own.suffix, {
      NODE_ENV: "development",
      // This connection may be idle for longer than Kuzzle's default of one minute.
      kuzzle_server__protocols__websocket__idleTimeout: "600000",
      ...own.env,
      ...env,
    });
    const { nodes } = platform;

    try {
      // One after another: of two that join at once, Kuzzle may take one for out of sync ("0 messages
      // lost from node …"), which then hears nothing of the other.
      for (const number of nodeNumbers) {
        await nodes[number].start();
      }
      const cluster = new Cluster(own.suffix, platform, await open(nodes[1]));
      await cluster.has(3);

      return cluster;
    } catch (error) {
      await platform.delete();
      throw error;
    }
  }

  get elasticsearchUrl(): string {
    return this.#platform.elasticsearchUrl;
  }

  /** Opens a client of a node, for the caller to close. */
  connect(number: NodeNumber): Promise<WebSocketClient> {
    return open(this.nodes[number]);
  }

  /** Opens a client of each node, for the caller to close. */
  async connectEach(): Promise<NodeClients> {
    const [first, second, third] = await Promise.all([
      this.connect(1),
      this.connect(2),
      this.connect(3),
    ]);

    return { 1: first, 2: second, 3: third };
  }

  /** Waits until the cluster has so many nodes. */
  async has(count: number): Promise<void> {
    await until(`a cluster of ${count} nodes`, async () => {
      const { activeNodes } = await this.status();
      return activeNodes === count;
    });
  }

  /** Tells how often a node left, or was given up by the others, since the cluster began. */
  async evictions(): Promise<number> {
    const { activity } = await this.status();
    return activity.filter(({ event }) => event === "evicted").length;
  }

  /** Tells how a node sees the cluster. */
  async status(client = this.stage): Promise<ClusterStatus> {
    const request = { action: "status", controller: "cluster" };
    return (await client.call(request)) as ClusterStatus;
  }

  async delete(): Promise<void> {
    await this.stage.close();
    await this.#platform.delete();
  }
}

export async function closeEach(clients: NodeClients): Promise<void> {
  await Promise.all(nodeNumbers.map((number) => clients[number].close()));
}

function open({ host, port }: ClusterNode): Promise<WebSocketClient> {
  return WebSocketClient.connect(port, host);
}
