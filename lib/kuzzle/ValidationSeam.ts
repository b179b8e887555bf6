import type { KuzzleRequest } from "kuzzle";

import { firstAnswer } from "./firstAnswer";
import { ANONYMOUS, type Impersonation } from "./Impersonation";
import { Internal } from "./Internal";
import type { ReadSeam } from "./ReadSeam";
import { type Read, tagged, tagOf } from "./WriteTag";

type Validate = (
  request: KuzzleRequest,
  ...rest: readonly unknown[]
) => Promise<unknown>;

/**
 * Returns a function to read the document of a request without a tag.
 *
 * @returns undefined if the read is left to the client
 */
export type UntaggedRead = (request: KuzzleRequest) => Read | undefined;

/** Property of the replaced method, which holds the handlers of requests without a tag. */
const SEAM = Symbol.for("kuzzle-plugin-document-update.validate");

type Seam = Validate & { [SEAM]?: Set<UntaggedRead> };

/**
 * Lets the plugin decide whether Kuzzle has to read and validate the document of an update, by replacing
 * Kuzzle's method `validate`. The decision is made by the update's tag. All other requests are left to
 * Kuzzle.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/validation/validation.js `validate`
 */
export class ValidationSeam extends Internal {
  readonly name = "the validation of its document controller";
  readonly cost = "every document is read before it is updated";
  readonly #impersonation: Impersonation;
  readonly #readSeam: ReadSeam;
  readonly #untagged: UntaggedRead | undefined;

  /** @param untagged handles requests without a tag; by default they are left to Kuzzle */
  constructor(
    impersonation: Impersonation,
    readSeam: ReadSeam,
    untagged?: UntaggedRead,
  ) {
    super();
    this.#impersonation = impersonation;
    this.#readSeam = readSeam;
    this.#untagged = untagged;
  }

  /** Replaces the method, and sends an update to check that it is called. The update ends there. */
  protected async check(): Promise<boolean> {
    const handlers = install(this.#readSeam);
    let isSeen = false;
    const tag = {
      onUpdate: () => Promise.reject(new Error("The check has failed.")),
      onValidate: () => {
        isSeen = true;
        throw new Error("The check has passed.");
      },
    };
    await this.#impersonation
      .query({
        __kuid__: ANONYMOUS,
        _id: "check",
        action: "update",
        body: tagged({}, tag),
        collection: "check",
        controller: "document",
        index: "document-update",
      })
      .catch(() => {});
    if (isSeen && this.#untagged) {
      handlers.add(this.#untagged);
    }

    return isSeen;
  }
}

function install(readSeam: ReadSeam): Set<UntaggedRead> {
  const { validation } = global.kuzzle as unknown as {
    validation: { validate: Seam };
  };
  const { validate } = validation;
  if (validate[SEAM]) {
    return validate[SEAM];
  }
  const handlers = new Set<UntaggedRead>();
  const seam: Validate = function (this: unknown, request, ...rest) {
    const tag = tagOf(request.input.body);
    if (tag?.onValidate(request)) {
      return Promise.resolve(request);
    }
    const read = tag ? tag.read : firstAnswer(handlers, request);
    return readSeam.reading(read, () => validate.call(this, request, ...rest));
  };
  validation.validate = Object.assign(seam, { [SEAM]: handlers });

  return handlers;
}
