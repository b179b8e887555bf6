import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";

import {
  BadRequestError,
  ForbiddenError,
  KuzzleError,
  PluginImplementationError,
  PreconditionError,
  ServiceUnavailableError,
  UnauthorizedError,
} from "kuzzle";

import type { DocumentUpdateErrorId, DocumentUpdateErrorName } from "./api";

/** Kuzzle's classes of errors, each with a status of its own. */
const classes = {
  BadRequestError,
  ForbiddenError,
  PluginImplementationError,
  PreconditionError,
  ServiceUnavailableError,
  UnauthorizedError,
};

interface ErrorDefinition {
  readonly code: number;
  readonly class: keyof typeof classes | "KuzzleError";
  /** HTTP status, for the class `KuzzleError`, which has no status of its own. */
  readonly status?: number;
  readonly message: string;
  readonly description: string;
}

interface Manifest {
  readonly name: string;
  readonly kuzzleVersion: string;
  readonly errors: Readonly<Record<DocumentUpdateErrorName, ErrorDefinition>>;
}

/** The plugin's manifest.json: its name, the Kuzzle versions it supports and its error catalogue. */
export const manifest = JSON.parse(
  readFileSync(join(__dirname, "../manifest.json"), "utf8"),
) as Manifest;

/** Domain "plugin" of https://docs.kuzzle.io/core/2/api/errors/error-codes/, as Kuzzle numbers a plugin's errors. */
const PLUGIN_DOMAIN = 4;

/**
 * Builds an error of the plugin's catalogue: id `plugin.document-update.<name>`.
 *
 * @param props for the message. One more than it has places for is a sentence that follows it.
 *
 * `context.kerror` cannot: Kuzzle loads a manifest's errors for plugins of the
 * `plugins/enabled` folder only, not for those of `app.plugin.use`.
 */
export function pluginError(
  name: DocumentUpdateErrorName,
  ...props: string[]
): KuzzleError {
  const { class: className, status, ...definition } = manifest.errors[name];
  const id: DocumentUpdateErrorId = `plugin.document-update.${name}`;
  const code = (PLUGIN_DOMAIN << 24) | definition.code;
  const message = format(definition.message, ...props);
  const error =
    className === "KuzzleError"
      ? new KuzzleError(message, status!, id, code)
      : new classes[className](message, id, code);
  error.props = props;

  return error;
}
