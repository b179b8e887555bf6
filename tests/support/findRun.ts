import { execFileSync } from "node:child_process";

import { runsFolder } from "../../scripts/paths.mjs";

/** Services that were started together. */
export interface Run {
  /** Holds their data, and is deleted when they stop. */
  readonly folder: string;
  /** Of their supervisor, then of the services. */
  readonly pids: readonly number[];
}

/**
 * Finds the run of a service, among those of other commands.
 *
 * @param url of one of its services
 */
export function findRun(url: string): Run {
  const { port } = new URL(url);
  // Elasticsearch's runner is told the port before.
  const mark = new RegExp(
    `(\\d+)/(redis .*:${port}\\b|.* ${Number(port) - 1}$)`,
  );
  const processes = execFileSync("ps", ["-ww", "-eo", "pid=,args="], {
    encoding: "utf8",
  }).split("\n");
  const supervisor = processes.flatMap((line) => mark.exec(line)?.[1] ?? [])[0];
  const folder = `${runsFolder}/${supervisor}`;
  const services = processes.filter((line) => line.includes(`${folder}/`));

  return {
    folder,
    pids: [supervisor, ...services].map((line) =>
      Number.parseInt(String(line), 10),
    ),
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
