import type { ApiRequest } from "../support/request";
import type { ApplicationName, Mode } from "./modes";
import type { Way } from "./ways";

/** A way to update a document, to compare with others. */
export interface Contender {
  readonly name: string;
  readonly application: ApplicationName;
  /** Of the plugin, where it is the plugin's. */
  readonly mode?: Mode;
  /** First part of the name of the collection whose documents it updates. */
  readonly collection: string;
  readonly request: Pick<ApiRequest, "controller" | "action" | "args" | "body">;
  /** What it does with the request. */
  readonly way: Way;
  /** How it is reached, when it is not over the scenario's protocol. */
  readonly past?: "elasticsearch _update" | "elasticsearch _bulk";
  /** Whether it may lose against others that write the same document. */
  readonly conflicts: boolean;
  /** Whether one write may stand for several updates. */
  readonly folds: boolean;
  /** Whether it updates a document at all. */
  readonly stores: boolean;
}

/** Which documents a scenario updates. */
export interface Distribution {
  /**
   * - `independent`: no two updates in flight are of one document
   * - `zipf`: the n-th document is updated 1/n times as often as the first
   * - `pairs`: each document is updated by at least two workers at once
   */
  readonly kind: "independent" | "zipf" | "pairs";
  readonly count: number;
}

/** One set of conditions, and who runs under them. */
export interface Scenario {
  /** Heading of the report that it stands under. */
  readonly part: string;
  readonly name: string;
  readonly documents: Distribution;
  readonly inFlight: number;
  /** Connections that share what is in flight. HTTP takes one for each update in flight. */
  readonly clients: number;
  readonly protocol: "websocket" | "http" | "kuzzle-sdk";
  /** Bytes of the changes, about. */
  readonly body: number;
  readonly args: NonNullable<ApiRequest["args"]>;
  /** Users whose tokens the requests carry in turns. With 0 they are the anonymous one's. */
  readonly users: number;
  /** Connections that are notified of every update. */
  readonly subscribers: number;
  /** Whether the application has pipes on the events of an update. */
  readonly pipes: boolean;
  /** Whether the collection has a specification, which every update is held against. */
  readonly specified: boolean;
  /** Whether the version and the notification of each update are held against the others'. */
  readonly audited: boolean;
  /** Whether each change counts a counter up by one, which is held against their number. */
  readonly counts: boolean;
  /**
   * Whether what is in flight are devices that send measures of one asset at once, and again once all
   * have their answers.
   */
  readonly devices: boolean;
  /** How much longer than others a turn is. */
  readonly length: number;
  /** Last part of the name of its collections, where it does not share those of others. */
  readonly apart: string;
  /** The first one is what the others are compared with. */
  readonly contenders: readonly Contender[];
  /** Whether `--quick` runs it. */
  readonly quick: boolean;
}
