import type { Kuzzle } from "kuzzle-sdk";
import type { DocumentUpdateController } from "kuzzle-plugin-document-update/client";

/** A client with the plugin's controller. */
export type Client = Kuzzle & {
  readonly documentUpdate: DocumentUpdateController;
};
