import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";

import {
  type KuzzleError,
  PluginImplementationError,
  UnauthorizedError,
} from "kuzzle";

type ErrorClass = new (
  message: string,
  id: string,
  code: number,
) => KuzzleError;

interface ErrorDefinition {
  readonly code: number;
  readonly class: keyof typeof errorClasses;
  readonly message: string;
  readonly description: string;
}

type ErrorName =
  "invalid_configuration" | "invalid_pipe_result" | "user_required";

interface Manifest {
  readonly name: string;
  readonly kuzzleVersion: string;
  readonly errors: Readonly<Record<ErrorName, ErrorDefinition>>;
}

// Kuzzle types the `id` and `code` of its error classes as `any`.
const errorClasses = {
  PluginImplementationError: PluginImplementationError as ErrorClass,
  UnauthorizedError: UnauthorizedError as ErrorClass,
};

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
export function pluginError(name: ErrorName, ...props: string[]): KuzzleError {
  const definition = manifest.errors[name];
  const error = new errorClasses[definition.class](
    format(definition.message, ...props),
    `plugin.${manifest.name}.${name}`,
    (PLUGIN_DOMAIN << 24) | definition.code,
  );
  error.props = props;

  return error;
}
