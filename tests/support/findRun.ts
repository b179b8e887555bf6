import { existsSync, readdirSync, readFileSync } from "node:fs";

import { servicesFolder } from "../../scripts/paths.mjs";

const runsFolder = `${servicesFolder}/runs`;

/** Services that were started together. */
export interface Run {
  /** Holds their data, and is deleted when they stop. */
  readonly folder: string;
  /** Of their processes, the keeper's first. */
  readonly pids: readonly number[];
}

/**
 * Finds the run of a service, among those of other commands.
 *
 * @param url of one of its services
 */
export function findRun(url: string): Run {
  for (const name of readdirSync(runsFolder)) {
    const folder = `${runsFolder}/${name}`;
    if (existsSync(`${folder}/processes.json`)) {
      const plan = readFileSync(`${folder}/plan.json`, "utf8");
      if (plan.includes(JSON.stringify(url))) {
        return { folder, pids: pidsOf(folder) };
      }
    }
  }
  throw new Error(`no run has ${url}`);
}

function pidsOf(folder: string): number[] {
  const identities = JSON.parse(
    readFileSync(`${folder}/processes.json`, "utf8"),
  ) as { pid: number }[];

  return identities.map(({ pid }) => pid);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
