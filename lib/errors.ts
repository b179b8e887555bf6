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

import type {
  DocumentUpdateErrorId,
  DocumentUpdateErrorName,
} from "./errorIds";

interface ErrorDefinition {
  readonly code: number;
  readonly class: keyof typeof build;
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

type Build = (
  message: string,
  id: string,
  code: number,
  status: number,
) => KuzzleError;

const build = {
  BadRequestError: (message, id, code) =>
    new BadRequestError(message, id, code),
  ForbiddenError: (message, id, code) => new ForbiddenError(message, id, code),
  KuzzleError: (message, id, code, status) =>
    new KuzzleError(message, status, id, code),
  PluginImplementationError: (message, id, code) =>
    new PluginImplementationError(message, id, code),
  PreconditionError: (message, id, code) =>
    new PreconditionError(message, id, code),
  ServiceUnavailableError: (message, id, code) =>
    new ServiceUnavailableError(message, id, code),
  UnauthorizedError: (message, id, code) =>
    new UnauthorizedError(message, id, code),
} satisfies Record<string, Build>;

/** The plugin's manifest.json: its name, the Kuzzle versions it supports and its error catalogue. */
export const manifest = JSON.parse(
  readFileSync(join(__dirname, "../manifest.json"), "utf8"),
) as Manifest;

/** Domain "plugin" of https://docs.kuzzle.io/core/2/api/errors/error-codes/, as Kuzzle numbers a plugin's errors. */
const PLUGIN_DOMAIN = 4;

/**
 * Builds an error of the plugin's catalogue: id `plugin.document-update.<name>`.
 *
 * `context.kerror` cannot: Kuzzle loads a manifest's errors for plugins of the
 * `plugins/enabled` folder only, not for those of `app.plugin.use`.
 */
export function pluginError(
  name: DocumentUpdateErrorName,
  ...props: string[]
): KuzzleError {
  const definition = manifest.errors[name];
  const id: DocumentUpdateErrorId = `plugin.document-update.${name}`;
  const error = build[definition.class](
    format(definition.message, ...props),
    id,
    (PLUGIN_DOMAIN << 24) | definition.code,
    definition.status ?? 500,
  );
  error.props = props;

  return error;
}
