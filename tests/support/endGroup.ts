import type { ChildProcess } from "node:child_process";

/** Ends a process that leads a group, and all of the group; nothing where it has ended already. */
export function endGroup({ exitCode, pid, signalCode }: ChildProcess): void {
  if (exitCode === null && signalCode === null) {
    process.kill(-Number(pid), "SIGKILL");
  }
}
