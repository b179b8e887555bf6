// Runs a command on each of these versions of Elasticsearch in turn, with its address in the
// command's environment: node tests/support/withElasticsearch.mjs 7.17.29,8.19.21 <command...>
import { run, Unmet } from "../../scripts/fail.mjs";
import { interruption } from "../../scripts/interruption.mjs";
import { report } from "./reporter.mjs";
import { startPlan } from "../../scripts/services/startPlan.mjs";
import { whileUp } from "../../scripts/whileUp.mjs";
import { planElasticsearch } from "./elasticsearch/plan.mjs";

await run(async () => {
  const [versions, ...command] = process.argv.slice(2);
  if (!versions || command.length === 0) {
    throw new Unmet(
      `Expected versions and a command, found: ${process.argv.slice(2).join(" ") || "nothing"}`,
      "Usage: node tests/support/withElasticsearch.mjs 7.17.29,8.19.21 <command...>",
    );
  }

  const interrupted = interruption();
  let code = 0;
  for (const version of versions.split(",")) {
    // A machine that cannot run them says why, and counts one skipped, as node:test does.
    const unmet = await unmetBy(version);
    if (unmet !== undefined) {
      console.log(unmet.message);
      report({ failed: [], passed: 0, skipped: [unmet.message] });
      continue;
    }
    const ended = await whileUp(
      async (onStart) => {
        const plan = () => planElasticsearch(version);
        const { elasticsearchUrl } = await startPlan(plan, onStart);
        return { ELASTICSEARCH_URL: String(elasticsearchUrl) };
      },
      command,
      interrupted,
    );
    if (ended.interrupted) {
      return ended.code;
    }
    // A version that fails does not keep the next one from its turn.
    code ||= ended.code;
  }

  return code;
});
process.exit();

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
