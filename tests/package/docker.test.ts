import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";

import { root } from "../../scripts/paths.mjs";

const files = ["docker/compose.yml", "docker/compose.cluster.yml"];

/** The compose that this machine has, the client's plugin or the older command. */
const compose = [["docker", "compose"], ["docker-compose"]].find(
  ([file = "", ...args]) => {
    try {
      execFileSync(file, [...args, "version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  },
);

function config(path: string, env: Record<string, string> = {}): string {
  const [file = "", ...args] = compose ?? [];
  return execFileSync(file, [...args, "-f", path, "config"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

describe("docker", () => {
  for (const path of files) {
    it(`${path} is a valid compose file`, (context: TestContext) => {
      if (!compose) {
        context.skip("no docker compose on this machine");
        return;
      }

      assert.match(config(path), /elasticsearch/);
    });

    it(`${path} takes the version of Elasticsearch from a variable`, (context: TestContext) => {
      if (!compose) {
        context.skip("no docker compose on this machine");
        return;
      }

      assert.match(config(path), /image: elasticsearch:8\.\d+\.\d+/);
      assert.match(
        config(path, { ELASTICSEARCH_VERSION: "7.17.29" }),
        /image: elasticsearch:7\.17\.29/,
      );
    });

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
