/** The controllers whose updates are the plugin's, where native requests are intercepted. */
export const controllers = ["document-update", "document"] as const;

export type Controller = (typeof controllers)[number];

/** The environment variable of a node that configures the plugin. */
export function setting(key: string): string {
  return `kuzzle_plugins__document-update__${key}`;
}
