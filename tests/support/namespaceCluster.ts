import { once } from "node:events";

import {
  type Application,
  type Launch,
  startKuzzle,
} from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { startServices } from "../../scripts/services/index.mjs";
import type { ClusterNode, ClusterPlatform, NodeNumber } from "./Cluster";
import { type Namespace, PrivateNetwork } from "./PrivateNetwork";
import { TcpForwarder } from "./TcpForwarder";
import { deleteIndices } from "./TestApplication";

/**
 * Nodes that are processes of this machine, each in a network namespace: the ports with which nodes
 * speak to each other are the same on all of them.
 *
 * @param suffix of the indices to delete at the end
 * @param env of every node
 */
export async function startNamespaceCluster(
  suffix: string,
  env: Record<string, string>,
): Promise<ClusterPlatform> {
  const services = await startServices();
  const network = PrivateNetwork.create();
  // The services stay on the loopback of this machine, which no namespace reaches.
  const forwarders = await Promise.all(
    [services.elasticsearchUrl, services.redisUrl].map((url) =>
      TcpForwarder.listen(network.host, url),
    ),
  );
  const [elasticsearch, redis] = forwarders;
  const reached = {
    ...services,
    elasticsearchUrl: String(elasticsearch?.url),
    redisUrl: String(redis?.url),
  };
  const node = (number: NodeNumber) =>
    new NamespaceNode(network.addNamespace(), {
      entry: `${root}tests/application/app.ts`,
      env,
      log: `${servicesFolder}/tests-${suffix}-${number}.log`,
      services: reached,
    });
  const nodes = { 1: node(1), 2: node(2), 3: node(3) };

  return {
    delete: async () => {
      await Promise.all(Object.values(nodes).map((each) => each.stop()));
      await network.delete();
      await Promise.all(forwarders.map((forwarder) => forwarder.close()));
      await deleteIndices(services.elasticsearchUrl, suffix);
      await services.stop();
    },
    elasticsearchUrl: services.elasticsearchUrl,
    nodes,
  };
}

class NamespaceNode implements ClusterNode {
  readonly port = 7512;
  readonly #namespace: Namespace;
  readonly #launch: Launch;
  #application: Application | undefined;

  constructor(namespace: Namespace, launch: Launch) {
    this.#namespace = namespace;
    this.#launch = launch;
  }

  get host(): string {
    return this.#namespace.host;
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    this.#application = await startKuzzle({
      ...this.#launch,
      env: { ...this.#launch.env, ...env },
      within: this.#namespace.within,
    });
  }

  async stop(): Promise<void> {
    await this.#application?.stop();
    this.#application = undefined;
  }

  async kill(): Promise<void> {
    if (this.#application === undefined) {
      return;
    }
    const { process } = this.#application;
    const ended = once(process, "exit");
    process.kill("SIGKILL");
    await ended;
    this.#application = undefined;
  }
}
