// Runs a command while Elasticsearch and Redis are up, with their addresses in its environment.
import { run } from "./fail.mjs";
import { interruption } from "./interruption.mjs";
import { startServices } from "./services/index.mjs";
import { whileUp } from "./whileUp.mjs";

await run(async () => {
  const { code } = await whileUp(
    async (onStart) => {
      const { elasticsearchUrl, redisUrl } = await startServices(onStart);
      return { ELASTICSEARCH_URL: elasticsearchUrl, REDIS_URL: redisUrl };
    },
    process.argv.slice(2),
    interruption(),
  );
  return code;
});
process.exit();
