import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import packageJson from "../../package.json";
import { root } from "../../scripts/paths.mjs";

/** A project of its own, outside of this repository, as a user's is. */
export class BareProject {
  readonly folder = mkdtempSync(join(tmpdir(), "document-update-"));

  constructor(packageJson: object) {
    this.write(
      "package.json",
      JSON.stringify({
        name: "bare",
        private: true,
        version: "1.0.0",
        ...packageJson,
      }),
    );
  }

  write(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** Runs a command in the project and returns what it prints. Throws with its output when it fails. */
  run(file: string, ...args: readonly string[]): string {
    try {
      return execFileSync(file, args, {
        cwd: this.folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (error) {
      const { stderr, stdout } = error as { stderr: string; stdout: string };
      throw new Error(`${file} ${args.join(" ")}:\n${stdout}${stderr}`, {
        cause: error,
      });
    }
  }

  /** Has npm install what its package.json asks for, while other work goes on. */
  async install(): Promise<void> {
    await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund"], {
      cwd: this.folder,
    });
  }

  delete(): void {
    rmSync(this.folder, { force: true, recursive: true });
  }
}

/** A project that has Kuzzle and the tarball of the plugin. */
export function kuzzleProject({ path }: Tarball): BareProject {
  const { overrides, devDependencies } = packageJson as {
    overrides?: object;
    devDependencies: Record<string, string>;
  };
  const versions = (...names: readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) =>
        devDependencies[name] ? [[name, devDependencies[name]]] : [],
      ),
    );

  return new BareProject({
    dependencies: {
      "kuzzle-plugin-document-update": `file:${path}`,
      ...versions("kuzzle", "kuzzle-sdk"),
    },
    // Where Kuzzle's own build of uWebSockets.js is out of reach, an application overrides it too.
    devDependencies: versions("@types/node", "typescript", "uWebSockets.js"),
    ...(overrides && { overrides }),
  });
}

/**
 * A project like that, in which npm installs the tarball next to links to what this repository has
 * installed: nothing is compiled, and no registry is asked.
 */
export function linkedProject({ path }: Tarball): BareProject {
  const project = new BareProject({
    dependencies: Object.fromEntries(
      ["kuzzle", "kuzzle-sdk", "typescript", "@types/node"].map((name) => [
        name,
        `file:${root}node_modules/${name}`,
      ]),
    ),
  });
  project.run("npm", "install", "--no-audit", "--no-fund", "--offline", path);

  return project;
}

/** What `npm pack` makes of this repository. */
export interface Tarball {
  readonly path: string;
  readonly files: readonly string[];
}

/** Packs this repository into a folder. */
export function pack(folder: string): Tarball {
  const output = execFileSync(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    { cwd: root, encoding: "utf8" },
  );
  const [{ filename, files }] = JSON.parse(output) as [
    { filename: string; files: { path: string }[] },
  ];

  return {
    files: files.map(({ path }) => path).sort(),
    path: join(folder, filename),
  };
}
