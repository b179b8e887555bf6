/** Fields of package.json that only the owner of the package can fill in, each with an example. */
const OWNERS = {
  author: '"Jane Doe <jane@example.com>"',
  repository:
    '{ "type": "git", "url": "git+https://<forge>/<owner>/<name>.git" }',
  homepage: '"https://<forge>/<owner>/<name>#readme"',
  bugs: '{ "url": "https://<forge>/<owner>/<name>/issues" }',
};

/**
 * @typedef {object} Release
 * @property {Record<string, any>} packageJson
 * @property {string} changelog
 * @property {string} readme
 * @property {(path: string) => boolean} exists tells whether the repository contains a file or a folder
 * @property {string} [tag] tag that is being released
 * @property {string} [origin] address of the repository from which the release is made
 */

/**
 * Lists what is missing for a release.
 *
 * @param {Release} release
 * @returns {string[]} a sentence for each problem
 */
export function releaseProblems({
  changelog,
  exists,
  origin,
  packageJson,
  readme,
  tag,
}) {
  const version = String(packageJson["version"]);
  const address = addressOf(packageJson["repository"]);
  /** @type {string[]} */
  const problems = [];

  for (const [field, example] of Object.entries(OWNERS)) {
    if (!packageJson[field]) {
      problems.push(
        `package.json has no "${field}". Only the owner can say: "${field}": ${example}`,
      );
    }
  }
  if (packageJson["repository"] && address === undefined) {
    problems.push(
      `"repository" of package.json names no https address that links can be made of: ${OWNERS.repository}`,
    );
  }
  if (origin !== undefined && address !== undefined && address !== origin) {
    problems.push(
      `"repository" of package.json is ${address}, but this is ${origin}: provenance needs them to be the same.`,
    );
  }
  if (tag !== undefined && tag !== `v${version}`) {
    problems.push(`The tag is ${tag}, but package.json has ${version}.`);
  }
  const dated = new RegExp(
    `^## \\[${version.replaceAll(".", "\\.")}\\] - \\d{4}-\\d\\d-\\d\\d$`,
    "m",
  );
  if (!dated.test(changelog)) {
    problems.push(
      `CHANGELOG.md has no dated entry of this version: ## [${version}] - <year>-<month>-<day>`,
    );
  }
  if (/^## \[Unreleased\]\n+(?!## )\S/m.test(changelog)) {
    problems.push(
      `CHANGELOG.md has changes under "Unreleased": move them to ${version}.`,
    );
  }
  for (const link of relativeLinks(readme)) {
    if (!exists(link)) {
      problems.push(`README.md links to ${link}, which is not there.`);
    }
  }

  return problems;
}

/**
 * Returns the https address of a repository, without prefix and ".git".
 *
 * @param {unknown} repository as in package.json
 */
function addressOf(repository) {
  const { url = repository } = /** @type {{ url?: unknown }} */ (
    Object(repository)
  );

  return /^(?:git\+)?(https:\/\/[^/]+\/.+?)(?:\.git)?$/.exec(String(url))?.[1];
}

/**
 * Returns the relative links of the README. The registry's page of the package resolves them against
 * `repository`.
 *
 * @param {string} markdown
 */
function relativeLinks(markdown) {
  const links = [
    ...markdown.matchAll(/\]\(([^)\s]+)/g),
    ...markdown.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm),
    ...markdown.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g),
  ].map(([, link = ""]) => link);

  return links
    .filter((link) => !/^([a-z]+:|#)/.test(link))
    .map((link) => link.replace(/#.*/, ""));
}
