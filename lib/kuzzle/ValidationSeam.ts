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
 * Decides how Kuzzle reads the document of a request without a tag.
 *
 * @returns nothing where it is to do so its native way
 */
export type UntaggedRead = (request: KuzzleRequest) => Read | undefined;

/** Holds, on the function that stands before Kuzzle's own, what decides on requests without a tag. */
const SEAM = Symbol.for("kuzzle-plugin-document-update.validate");

type Seam = Validate & { [SEAM]?: Set<UntaggedRead> };

/**
 * Has a tagged update be seen where Kuzzle is about to read and validate the document: the tag
 * decides whether it has to. All other requests go their native way.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/validation/validation.js `validate`
 */
export class ValidationSeam extends Internal {
  readonly name = "the validation of its document controller";
  readonly cost = "every document is read before it is updated";
  readonly #impersonation: Impersonation;
  readonly #readSeam: ReadSeam;
  readonly #untagged: UntaggedRead | undefined;

  /** @param untagged by default, what has no tag is read the native way */
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

  /** Installs the seam, and sends an update through it that ends there. */
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
