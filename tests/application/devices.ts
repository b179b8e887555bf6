import {
  type Backend,
  Controller,
  type JSONObject,
  type KuzzleRequest,
} from "kuzzle";
import type {
  DocumentChange,
  DocumentUpdatePlugin,
  UpdateWithOptions,
} from "kuzzle-plugin-document-update";
import { DocumentUpdateController } from "kuzzle-plugin-document-update/client";

type Change = (source: JSONObject) => DocumentChange | Promise<DocumentChange>;

/** What server code makes of a document, by name. */
const CHANGES: Readonly<Record<string, Change>> = {
  byOperator: () => ({ operators: { increment: { count: 1 } } }),
  conditionally: () => ({
    changes: { count: 9 },
    condition: { equals: { count: 0 } },
  }),
  count: ({ count }) => ({ count: Number(count) + 1 }),
  countLater: async ({ count }) => {
    await Promise.resolve();
    return { count: Number(count) + 1 };
  },
  hang: () => new Promise<undefined>(() => {}),
  leave: () => undefined,
  replace: () => ({ operators: { set: { at: { y: 1 } } } }),
  throw: () => {
    throw new Error("no such device");
  },
  unlink: ({ devices }) => ({
    devices: (devices as { _id: string }[]).filter(({ _id }) => _id !== "d1"),
  }),
};

/** Server code that updates documents by the plugin: by its instance, and by the controller of its client. */
export class DevicesController extends Controller {
  constructor(app: Backend) {
    super(app);
    this.definition = {
      actions: {
        modifyAs: { handler: this.modifyAs.bind(this) },
        updateWith: { handler: this.updateWith.bind(this) },
      },
    };
  }

  /** Calls `updateWith` with several functions at once, and tells the results and the errors. */
  async updateWith(request: KuzzleRequest): Promise<JSONObject> {
    const { collection, index } = request.getIndexAndCollection();
    const { changes, options } = request.getBody();
    const plugin = this.app.plugin.get<DocumentUpdatePlugin>("document-update");
    const outcomes = await Promise.allSettled(
      (changes as string[]).map((change) =>
        plugin.updateWith(
          ...[index, collection, request.getId()],
          ({ _source }) => CHANGES[change]!(_source),
          options as UpdateWithOptions,
        ),
      ),
    );

    return {
      errors: outcomes
        .filter((outcome) => outcome.status === "rejected")
        .map(({ reason }) => {
          const { id, message } = reason as { id?: string; message: string };
          return id ?? message;
        }),
      results: outcomes
        .filter((outcome) => outcome.status === "fulfilled")
        .map(({ value }) => value ?? null),
    };
  }

  /** Updates and modifies a document by the client's controller, as the user `kuid` or the application. */
  async modifyAs(request: KuzzleRequest): Promise<JSONObject> {
    const { collection, index } = request.getIndexAndCollection();
    const { kuid } = request.input.args;
    const controller = new DocumentUpdateController(
      kuid ? this.app.sdk.as({ _id: kuid }) : this.app.sdk,
    );
    const target = [index, collection, request.getId()] as const;
    const { events = true } = request.input.args;

    const updated = await controller.update(
      ...target,
      { updated: true },
      { events },
    );
    const modified = await controller.modify(
      ...target,
      { operators: { increment: { count: 1 } } },
      { events, source: true },
    );

    return { modified, updated };
  }
}
