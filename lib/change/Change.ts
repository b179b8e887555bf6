import type { StoredDocument } from "../storage/StoredDocument";
import type {
  UpdateArguments,
  UpdatedDocument,
} from "../write/UpdateArguments";
import type { Path } from "./paths";

/** What a change makes of a document. */
export interface Computed {
  /** The update of that document; its body has null for each field that goes. */
  readonly update: UpdateArguments;
  /** Fields that go. */
  readonly unset: readonly Path[];
  /** Whether it holds the instant that it was given for the present one. */
  readonly takesNow?: boolean;
}

/** A change that depends on what its document holds, or on its version. */
export interface Change {
  /**
   * Computes it, each time that the document has been read.
   *
   * @param now the present instant, in ms since the epoch: the same each time
   * @param isUnderWay whether the update that it came to last is on its way to storage
   * @returns nothing where it would come to another update than the one that is on its way
   * @throws to refuse it
   */
  readonly compute: (
    current: StoredDocument,
    now: number,
    isUnderWay: boolean,
  ) => Computed | undefined | Promise<Computed | undefined>;
  /** Called before each write of it is sent. @throws to have it not sent */
  readonly beforeWrite?: (current: StoredDocument) => Promise<void>;
  /** Those with the same may be stored by one write; without, it has a write of its own. */
  readonly foldedWith?: string | undefined;
  /** Whether it is computed from the version alone: what the document holds may then be missing. */
  readonly needsVersionAlone?: boolean;
  /** Whether nothing is written, and what would be stored is answered. */
  readonly isDryRun: boolean;
  /** Whether nothing is written where the document would stay as it is. */
  readonly skipsUnchanged: boolean;
  /** Whether the answer tells the fields that changed. */
  readonly tellsFields: boolean;
}

/** The answer to a change. */
export interface ChangedDocument extends UpdatedDocument {
  /** Paths of the fields whose value changed. */
  readonly _updatedFields?: readonly string[];
}
