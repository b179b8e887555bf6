import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";

import { root } from "../../scripts/paths.mjs";
import { chooseClusterPlatform } from "../support/chooseClusterPlatform";
import { composeFiles, environmentFile } from "../support/ComposeProject";

const files = ["docker/compose.yml", "docker/compose.cluster.yml"];

/** The compose that this machine has, the client's plugin or the older command. */
const compose = [["docker", "compose"], ["docker-compose"]].find(
  ([file = "", ...args]) =>
    spawnSync(file, [...args, "version"], { stdio: "ignore" }).status === 0,
);
const skip = compose === undefined && "no docker compose on this machine";

/** What compose makes of files. */
function config(
  paths: readonly string[],
  env: Record<string, string> = {},
): string {
  const [file = "", ...args] = compose ?? [];
  const files = paths.flatMap((path) => ["-f", path]);

  return execFileSync(file, [...args, ...files, "config"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

describe("docker", () => {
  for (const path of files) {
    it(
      `${path} is a valid compose file, and takes the version of Elasticsearch from a variable`,
      { skip },
      () => {
        assert.match(config([path]), /image: elasticsearch:8\.\d+\.\d+/);
        assert.match(
          config([path], { ELASTICSEARCH_VERSION: "7.17.29" }),
          /image: elasticsearch:7\.17\.29/,
        );
      },
    );

    it(`${path} pins each image and checks the health of each service`, () => {
      const text = readFileSync(`${root}${path}`, "utf8");
      const images = [...text.matchAll(/image: (.+)/g)].map(
        ([, image = ""]) => image,
      );

      for (const image of images) {
        assert.match(image, /:(\$\{\w+:-)?\d+\.\d+\.\d+/);
      }
      for (const [, service = "", body = ""] of text
        .slice(text.indexOf("\nservices:"))
        .matchAll(/^ {2}(\w+):\n((?: {4}.*\n|\n)+)/gm)) {
        assert.match(body, /healthcheck:|<<: \*node/, service);
      }
    });
  }

  it(
    "the cluster's nodes run the application of the tests, each on a port of its own",
    { skip },
    () => {
      const combined = config(composeFiles, {
        ELASTICSEARCH_PORT: "19200",
        KUZZLE1_PORT: "17513",
        KUZZLE2_PORT: "17514",
        KUZZLE3_PORT: "17515",
        REDIS_PORT: "16379",
      });
      assert.equal(combined.match(/tests\/application\/app\.ts/g)?.length, 3);
      for (const port of [19200, 17513, 17514, 17515, 16379]) {
        assert.match(combined, new RegExp(`\\b${port}\\b`));
      }
    },
  );

  it("a node of the cluster takes an environment of its own", { skip }, () => {
    const folder = mkdtempSync(`${tmpdir()}/document-update-`);
    const file = `${folder}/kuzzle2.json`;
    writeFileSync(
      file,
      environmentFile("kuzzle2", {
        kuzzle_cluster__ip: "",
        "kuzzle_plugins__document-update__checkRights": "perhaps",
      }),
    );
    const combined = config([...composeFiles, file]);
    rmSync(folder, { recursive: true });

    assert.equal(combined.match(/kuzzle_cluster__ip: (''|"")/g)?.length, 1);
    assert.equal(
      combined.match(/kuzzle_plugins__document-update__checkRights: perhaps/g)
        ?.length,
      1,
    );
  });

  it("no cluster is started on an unknown platform", async () => {
    await assert.rejects(chooseClusterPlatform("kubernetes"), {
      message:
        "CLUSTER_PLATFORM: expected namespace or compose, found 'kubernetes'",
    });
  });

  it("the Dockerfile pins its images to the Node.js that is tested", () => {
    const images = [
      ...readFileSync(`${root}docker/Dockerfile`, "utf8").matchAll(
        /^FROM (\S+)/gm,
      ),
    ].map(([, image = ""]) => image);

    assert.ok(images.length > 0);
    for (const image of images) {
      assert.match(image, /^node:20\.\d+\.\d+-/);
    }
  });
});
