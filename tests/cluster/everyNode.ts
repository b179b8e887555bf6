import {
  closeEach,
  type Cluster,
  type NodeNumber,
  nodeNumbers,
} from "../support/Cluster";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import { until } from "../support/until";

/** The node of a client: clients are spread over all nodes. */
export function nodeOf(client: number): NodeNumber {
  return nodeNumbers[client % nodeNumbers.length]!;
}

/** Opens the connection of a client to its node. */
export function connectTo(
  cluster: Cluster,
  client: number,
): Promise<PipelinedSocket> {
  const { host, port } = cluster.nodes[nodeOf(client)];

  return PipelinedSocket.connect(port, host);
}

/** Waits until every node knows a document: a node learns of a collection a moment after it is made. */
export async function everyNodeKnows(
  cluster: Cluster,
  document: Target & { readonly _id: string },
): Promise<void> {
  const clients = await cluster.connectEach();
  for (const number of nodeNumbers) {
    await until(`the collection on node ${number}`, async () => {
      const { body } = await clients[number].send({
        ...document,
        action: "get",
        controller: "document",
      });
      return body["error"] === null;
    });
  }
  await closeEach(clients);
}
