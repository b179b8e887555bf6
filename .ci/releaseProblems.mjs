const OWNED = ["author", "repository", "homepage", "bugs"];

/**
 * Lists what is missing for a release, a sentence for each problem.
 *
 * @param {object} release
 * @param {Record<string, any>} release.packageJson
 * @param {string} release.changelog
 * @param {string} release.readme
 * @param {(path: string) => boolean} release.exists tells whether the repository has a file or a folder
 * @param {string} [release.tag] that is being released
 * @param {string} [release.origin] address of the repository from which the release is made
 */
export function releaseProblems(release) {
  const { changelog, exists, origin, packageJson, readme, tag } = release;
  const repository = /** @type {{ url?: unknown } | undefined} */ (
    packageJson["repository"]
  );
  const version = String(packageJson["version"]);
  const [, address] =
    /^(?:git\+)?(https:\/\/[^/]+\/.+?)(?:\.git)?$/.exec(
      String(repository?.url),
    ) ?? [];
  const links = [
    ...readme.matchAll(/\]\(([^)\s#]+)/g),
    ...readme.matchAll(/^\[[^\]]+\]:\s*([^\s#]+)/gm),
    ...readme.matchAll(/\b(?:href|src|srcset)="([^"#]+)/g),
  ].map(([, link = ""]) => link);
  /** @type {string[]} */
  const problems = [];
  const refuse = (/** @type {unknown} */ isWrong, /** @type {string} */ why) =>
    isWrong && problems.push(why);

  for (const field of OWNED) {
    const why = `package.json has no "${field}". Only the owner can say.`;
    refuse(!packageJson[field], why);
  }
  refuse(
    repository && !address,
    `"repository" of package.json names no https address: { "type": "git", "url": "git+https://<forge>/<owner>/<name>.git" }`,
  );
  refuse(
    origin && address && address !== origin,
    `"repository" of package.json is ${address}, but this is ${origin}: provenance needs them to be the same.`,
  );
  refuse(
    tag && tag !== `v${version}`,
    `The tag is ${tag}, but package.json has ${version}.`,
  );
  refuse(
    !changelog
      .split("\n")
      .some(
        (line) =>
          /^\S+ \S+ - \d{4}-\d\d-\d\d$/.test(line) &&
          line.startsWith(`## [${version}] `),
      ),
    `CHANGELOG.md has no dated entry of this version: ## [${version}] - <year>-<month>-<day>`,
  );
  refuse(
    /^## \[Unreleased\]\n+(?!## )\S/m.test(changelog),
    `CHANGELOG.md has changes under "Unreleased": move them to ${version}.`,
  );
  // The registry's page of the package resolves relative links against `repository`.
  for (const link of links) {
    const isThere = /^[a-z]+:/.test(link) || exists(link);
    refuse(!isThere, `README.md links to ${link}, which is not there.`);
  }

  return problems;
}
