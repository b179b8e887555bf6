import type { StoredDocument } from "../storage/StoredDocument";
import type {
  UpdateArguments,
  UpdatedDocument,
} from "../write/UpdateArguments";
import type { Path } from "./paths";

/** Result of computing a change for a document. */
export interface Computed {
  /** The update to write. Its body has null for each field to remove. */
  readonly update: UpdateArguments;
  /** Fields to remove. */
  readonly unset: readonly Path[];
  /** Whether the result contains the current time. */
  readonly takesNow?: boolean;
}

/** A change that depends on the stored document, or on its version. */
export interface Change {
  /**
   * Computes the change. Called again each time that the document has been read again.
   *
   * @param now the current time, in ms since the epoch: the same value at each call
   * @param isUnderWay whether the update that the last call returned is being written at the moment
   * @returns nothing if the result would differ from the update that is being written
   * @throws to refuse the change
   */
  readonly compute: (
    current: StoredDocument,
    now: number,
    isUnderWay: boolean,
  ) => Computed | undefined | Promise<Computed | undefined>;
  /** Called before each write is sent. If it throws, the write is not sent. */
  readonly beforeWrite?: (current: StoredDocument) => Promise<void>;
  /** Changes with the same key may be stored by one write. Without a key, a change is written alone. */
  readonly foldedWith?: string | undefined;
  /** Whether computing the change needs only the document's version. Its content may then be missing. */
  readonly needsVersionAlone?: boolean;
  /** Whether the document that would be stored is answered, and nothing is written. */
  readonly isDryRun: boolean;
  /** Whether nothing is written if the document would stay as it is. */
  readonly skipsUnchanged: boolean;
  /** Whether the answer lists the changed fields. */
  readonly tellsFields: boolean;
}

/** The answer to a change. */
export interface ChangedDocument extends UpdatedDocument {
  /** Paths of the fields whose value changed. */
  readonly _updatedFields?: readonly string[];
}
