// Runs a command on each of these versions of Elasticsearch in turn, with its address in the
// command's environment: node tests/support/withElasticsearch.mjs 7.17.29,8.19.21 <command...>
import { run, Unmet } from "../../scripts/fail.mjs";
import { report } from "./reporter.mjs";
import { runCommand } from "../../scripts/runCommand.mjs";
import { startPlan } from "../../scripts/services/startPlan.mjs";
import { planElasticsearch } from "./elasticsearch/plan.mjs";

await run(async () => {
  const [versions, ...command] = process.argv.slice(2);
  if (!versions || command.length === 0) {
    throw new Unmet(
      `Expected versions and a command, found: ${process.argv.slice(2).join(" ") || "nothing"}`,
      "Usage: node tests/support/withElasticsearch.mjs 7.17.29,8.19.21 <command...>",
    );
  }

  let code = 0;
  for (const version of versions.split(",")) {
    // A machine that cannot run them says why, and counts one skipped, as node:test does.
    const unmet = await unmetBy(version);
    if (unmet !== undefined) {
      console.log(unmet.message);
      report({ failed: [], passed: 0, skipped: [unmet.message] });
      continue;
    }
    const { elasticsearchUrl, stop } = await startPlan(() =>
      planElasticsearch(version),
    );
    const ended = await runCommand(command, {
      ELASTICSEARCH_URL: String(elasticsearchUrl),
    });
    await stop();
    // A version that fails does not keep the next one from its turn.
    code ||= ended;
  }

  return code;
});

/**
 * @param {string} version
 * @returns {Promise<Unmet | undefined>} what this machine lacks for that version
 */
async function unmetBy(version) {
  try {
    await planElasticsearch(version);
    return undefined;
  } catch (error) {
    if (error instanceof Unmet) {
      return error;
    }
    throw error;
  }
}
