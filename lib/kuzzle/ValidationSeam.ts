import type { KuzzleRequest } from "kuzzle";

import { Internal } from "./Internal";
import type { ReadSeam } from "./ReadSeam";
import { tagOf } from "./WriteTag";
import { sendCheck } from "./sendCheck";

type Validate = (
  request: KuzzleRequest,
  ...rest: readonly unknown[]
) => Promise<unknown>;

/** Marks the replaced method, which is replaced once. */
const SEAM = Symbol.for("kuzzle-plugin-document-update.validate");

type Seam = Validate & { [SEAM]?: true };

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
  readonly #readSeam: ReadSeam;

  constructor(readSeam: ReadSeam) {
    super();
    this.#readSeam = readSeam;
  }

  /** Replaces the method, and sends an update to check that it is called. The update ends there. */
  protected async check(): Promise<boolean> {
    install(this.#readSeam);
    let isSeen = false;
    await sendCheck(() => {
      isSeen = true;
    });

    return isSeen;
  }
}

function install(readSeam: ReadSeam): void {
  const { validation } = global.kuzzle as unknown as {
    validation: { validate: Seam };
  };
  const { validate } = validation;
  if (validate[SEAM]) {
    return;
  }
  const seam: Validate = function (this: unknown, request, ...rest) {
    const tag = tagOf(request.input.body);
    if (tag?.onValidate(request)) {
      return Promise.resolve(request);
    }
    return readSeam.reading(tag?.read, () =>
      validate.call(this, request, ...rest),
    );
  };
  validation.validate = Object.assign(seam, { [SEAM]: true as const });
}
