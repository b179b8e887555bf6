import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

import { manifest, pluginError } from "../../lib/errors";
import { readConfiguration } from "../../lib/plugin/configuration";
import { updateOperation } from "../../lib/plugin/openapi";
import packageJson from "../../package.json";
import { knownDifferences, ways } from "../conformance/knownDifferences";
import { goals, targetOf } from "../bench/goals";
import { tableOf } from "../support/markdown";

const read = (path: string) => readFileSync(path, "utf8");

it("docs/errors.md is the catalogue of manifest.json", () => {
  const rows = tableOf(
    read("docs/errors.md"),
    "id",
    "code",
    "class",
    "status",
    "message",
    "meaning",
  );
  const names = Object.keys(
    manifest.errors,
  ) as (keyof typeof manifest.errors)[];

  assert.deepEqual(
    rows,
    names.map((name) => {
      const { class: className, description, message } = manifest.errors[name];
      const { code, id, status } = pluginError(name);
      return [
        `\`${id}\``,
        `\`0x${code.toString(16).padStart(8, "0")}\``,
        className,
        String(status),
        message,
        description,
      ];
    }),
  );
});

it("docs/differences.md is what the conformance suite knows", () => {
  const rows = tableOf(
    read("docs/differences.md"),
    "where",
    "met by",
    "native",
    "plugin",
    "reason",
  );

  assert.deepEqual(
    rows,
    knownDifferences.map(({ by, native, plugin, reason, where }) => [
      where,
      by.length === ways.length ? "all" : by.join(", "),
      native,
      plugin,
      reason,
    ]),
  );
});

it("the README's configuration table has each key, with what it accepts and its default", () => {
  const rows = tableOf(read("README.md"), "key", "type", "default", "meaning");
  const defaults = Object.entries(readConfiguration({}));

  assert.deepEqual(
    rows.map(([key, , byDefault]) => [key, byDefault]),
    defaults.map(([key, value]) => [
      `\`${key}\``,
      `\`${JSON.stringify(value)}\``,
    ]),
  );
  for (const [key = "", type = ""] of rows) {
    assert.throws(
      () => readConfiguration({ [key.replaceAll("`", "")]: Symbol("wrong") }),
      (error: Error) => error.message.includes(`expected ${type}`),
    );
  }
});

it("the versions that are supported are one truth", () => {
  const { peerDependencies } = packageJson;
  const supported = tableOf(
    read("docs/compatibility.md"),
    "what",
    "supported",
    "tested",
  );
  const [inReadme] = tableOf(
    read("README.md"),
    ...supported.map(([what = ""]) => what),
  );

  assert.equal(manifest.kuzzleVersion, peerDependencies.kuzzle);
  assert.deepEqual(
    supported.slice(0, 2).map(([what, range]) => [what, range]),
    Object.entries(peerDependencies).map(([name, range]) => [
      name,
      `\`${range}\``,
    ]),
  );
  assert.deepEqual(
    inReadme,
    supported.map(([, range]) => range),
  );
});

it("both ends of a range are tested, and docs/compatibility.md names them", () => {
  const { devDependencies, peerDependencies } = packageJson;
  const rows = tableOf(
    read("docs/compatibility.md"),
    "what",
    "supported",
    "tested",
  );

  for (const name of ["kuzzle", "kuzzle-sdk"] as const) {
    const tested = rows.find(([what]) => what === name)?.[2]?.split(", ");
    const [lowest = "", highest] = tested ?? [];

    assert.ok(peerDependencies[name].startsWith(`>=${lowest} `), lowest);
    assert.equal(highest, devDependencies[name]);
  }
});

it("CONTRIBUTING.md has the goals of the benchmark", () => {
  assert.deepEqual(
    tableOf(read("CONTRIBUTING.md"), "goal", "target"),
    goals.map((goal) => [goal.name, targetOf(goal)]),
  );
});

it("the README stays within 200 lines", () => {
  assert.ok(read("README.md").split("\n").length <= 200);
});

it("docs/api/update.md tells of the arguments of the OpenAPI operation, and of no other", () => {
  const text = read("docs/api/update.md");
  const section = text.slice(
    text.indexOf("## Arguments"),
    text.indexOf("## Body properties"),
  );
  const documented = [...section.matchAll(/^- `(\w+)`: /gm)].map(
    ([, name]) => name,
  );
  const { parameters } = updateOperation("document-update", "patch") as {
    parameters: { name: string }[];
  };

  assert.deepEqual(
    documented.sort(),
    parameters.map(({ name }) => name).sort(),
  );
});

it("docs/api/update.md and the OpenAPI operation tell of errors of the same statuses", () => {
  const rows = tableOf(read("docs/api/update.md"), "status", "id", "when");
  const { responses } = updateOperation("document-update", "patch") as {
    responses: object;
  };

  assert.deepEqual(
    ["200", ...new Set(rows.map(([status]) => status))],
    Object.keys(responses),
  );
});

it("every link from one document to another leads somewhere", () => {
  for (const path of [
    "README.md",
    "CONTRIBUTING.md",
    "docs/api/update.md",
    "docs/cluster.md",
    "docs/compatibility.md",
    "docs/errors.md",
    "docs/differences.md",
    "docker/README.md",
  ]) {
    for (const [, link = ""] of read(path).matchAll(
      /\]\((?!https?:)([^)#]+)/g,
    )) {
      const target = new URL(link, `file://${process.cwd()}/${path}`);
      assert.doesNotThrow(
        () =>
          link.endsWith("/")
            ? read(`${target.pathname}README.md`)
            : read(target.pathname),
        `${link} of ${path}`,
      );
    }
  }
});
