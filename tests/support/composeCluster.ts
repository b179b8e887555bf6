import { kuzzleEnvironment } from "../../scripts/kuzzle.mjs";
import { elasticsearchVersion } from "../../scripts/services/answers.mjs";
import { dockerEngineAnswers } from "../../scripts/services/docker.mjs";
import type { ClusterNode, ClusterPlatform, NodeNumber } from "./Cluster";
import { ComposeProject } from "./ComposeProject";

/** Docker's own 10 s may be too short for the requests in flight. */
const STOP_TIMEOUT_S = "20";

/** Tells why this machine cannot run one; nothing where it can. */
export async function composeClusterUnmet(): Promise<string | undefined> {
  return (await dockerEngineAnswers())
    ? undefined
    : "needs a Docker engine with compose";
}

/**
 * Nodes that are the containers of docker/compose.cluster.yml.
 *
 * @param suffix of the project to delete at the end
 * @param env of every node
 */
export async function startComposeCluster(
  suffix: string,
  env: Record<string, string>,
): Promise<ClusterPlatform> {
  const project = await ComposeProject.start(`document-update-${suffix}`);
  const version = await elasticsearchVersion(project.elasticsearchUrl);
  const reached = {
    ...kuzzleEnvironment({
      elasticsearchUrl: "http://elasticsearch:9200",
      elasticsearchVersion: version,
      redisUrl: "redis://redis:6379",
    }),
    // The address that Docker gives, whatever it is: by default Kuzzle wants a private one.
    kuzzle_cluster__ip: "",
    ...env,
  };
  const node = (number: NodeNumber) =>
    new ComposeNode(project, number, reached);

  return {
    delete: () => project.delete(),
    elasticsearchUrl: project.elasticsearchUrl,
    nodes: { 1: node(1), 2: node(2), 3: node(3) },
  };
}

class ComposeNode implements ClusterNode {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly #env: Record<string, string>;
  readonly #project: ComposeProject;
  readonly #service: string;

  constructor(
    project: ComposeProject,
    number: NodeNumber,
    env: Record<string, string>,
  ) {
    this.port = project.portOf(number);
    this.#env = env;
    this.#project = project;
    this.#service = `kuzzle${number}`;
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    try {
      await this.#project.up(this.#service, { ...this.#env, ...env });
    } catch (error) {
      throw new Error(
        `${this.#service} did not start:\n${await this.#endOfLog()}`,
        { cause: error },
      );
    }
  }

  async stop(): Promise<void> {
    await this.#project.run([
      "stop",
      "--timeout",
      STOP_TIMEOUT_S,
      this.#service,
    ]);
  }

  async kill(): Promise<void> {
    await this.#project.run(["kill", "--signal", "SIGKILL", this.#service]);
  }

  async #endOfLog(): Promise<string> {
    const lines: string[] = [];
    await this.#project.run(
      ["logs", "--no-color", "--no-log-prefix", "--tail", "50", this.#service],
      (line) => lines.push(line),
    );

    return lines.join("\n");
  }
}
