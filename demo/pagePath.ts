/** Where the page is: under `/_/`, as all routes that are not Kuzzle's own. No index has that name. */
export const PAGE_PATH = "/_/demo";
