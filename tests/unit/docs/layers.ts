import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { it } from "node:test";

/** The folders of `lib`, from the outside in. A file imports only from its own, and from those after it. */
const LAYERS = ["plugin", "request", "change", "write", "storage"];
/** Beside them: every layer may import from these, and they from none of the layers. */
const BESIDE = ["kuzzle", "statistics"];

const root = "lib";
/** Relative to `lib`. */
const files = readdirSync(root, { encoding: "utf8", recursive: true }).filter(
  (name) => name.endsWith(".ts"),
);

/** The files that each file imports, with types. */
const imports = new Map(
  files.map((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const found = [...text.matchAll(/from "(\.[^"]+)"/g)].map(
      ([, path]) => `${normalize(join(dirname(file), path!))}.ts`,
    );
    return [file, found];
  }),
);

function depthOf(file: string): number {
  const [folder = ""] = file.split("/");
  const depth = LAYERS.indexOf(folder);

  return BESIDE.includes(folder) || depth === -1 ? LAYERS.length : depth;
}

it("imports from inner layers alone", () => {
  assert.ok(files.includes("request/updateAction.ts"));
  const upward = [...imports].flatMap(([file, imported]) =>
    imported
      // The entries import what they export.
      .filter(() => file.includes("/"))
      .filter((other) => depthOf(other) < depthOf(file))
      .map((other) => `${file} imports ${other}`),
  );

  assert.deepEqual(upward, []);
});

it("imports in no circle", () => {
  const done = new Set<string>();
  const circleFrom = (file: string, way: readonly string[]): string[] => {
    if (way.includes(file)) {
      return [...way, file];
    }
    const circle = done.has(file)
      ? []
      : imports
          .get(file)!
          .flatMap((other) => circleFrom(other, [...way, file]));
    done.add(file);
    return circle;
  };

  assert.deepEqual(
    files.flatMap((file) => circleFrom(file, [])),
    [],
  );
});
