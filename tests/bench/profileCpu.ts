import { mkdirSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector";

/**
 * Profiles the CPU of this process from now until it exits, and writes the profile to a folder, for
 * the developer tools of Chromium.
 */
export function profileCpu(folder: string, name: string): void {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.start");
  process.once("exit", () => {
    session.post("Profiler.stop", (error, { profile }) => {
      if (error === null) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(`${folder}/${name}.cpuprofile`, JSON.stringify(profile));
      }
    });
  });
}
