import { inspect } from "node:util";

import type { Checks } from "./Checks";
import type { Comparison } from "./Comparison";
import { compare } from "./compare";
import type { Part } from "./Plan";
import { describePlatform, type Platform } from "./platform";
import { Stack } from "./Stack";
import { takeTurn } from "./takeTurn";

/** Runs the scenarios of a part one after another, on applications of their own. */
export async function measure(
  part: Part,
  elasticsearchUrl: string,
  checks: Checks,
): Promise<{ comparisons: Comparison[]; platform: Platform }> {
  const { effort, env, scenarios } = part;
  const applications = new Set(
    scenarios.flatMap(({ contenders }) =>
      contenders.map(({ application }) => application),
    ),
  );
  // Subscribers are a user, too.
  const users = Math.max(1, ...scenarios.map(({ users }) => users));
  const stack = await Stack.start(elasticsearchUrl, applications, users, env);
  try {
    const platform = await describePlatform(await stack.info());
    if (effort.warmUp > 0) {
      await warmUp(stack, part);
    }
    const comparisons: Comparison[] = [];
    for (const scenario of scenarios) {
      process.stdout.write(`\n${scenario.name}\n`);
      try {
        comparisons.push(
          await compare(stack, scenario, effort, checks.noting(scenario)),
        );
      } catch (error) {
        // The others are worth a page all the same.
        checks.broke(scenario, error);
      }
    }
    return { comparisons, platform };
  } finally {
    // What was measured is worth a page, whatever becomes of the applications.
    await stack.stop().catch((error: unknown) => {
      process.stderr.write(`${inspect(error)}\n`);
    });
  }
}

/** Has every contender at work for a while: compilers are not done for longer than a round. */
async function warmUp(
  stack: Stack,
  { effort, scenarios }: Part,
): Promise<void> {
  const warm = new Set();
  for (const scenario of scenarios) {
    for (const contender of scenario.contenders) {
      if (!warm.has(contender)) {
        warm.add(contender);
        const site = await stack.site(contender, scenario);
        await takeTurn(contender, scenario, site, effort.warmUp);
      }
    }
  }
}
