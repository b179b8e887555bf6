import { setTimeout as pause } from "node:timers/promises";

import type {
  ControlledServices,
  ServiceName,
} from "../support/ControlledServices";
import type { SoakLoad } from "./SoakLoad";

/** Longest time without a fault, between two of them, in ms; in a short soak a fifteenth of it. */
const CALM_MS = 12_000;

/** A fault that was injected, and for how many ms. */
export interface Injected {
  readonly name: string;
  readonly ms: number;
}

/** Injects faults one after another, for so many ms. */
export async function injectFaults(
  services: ControlledServices,
  load: SoakLoad,
  duration: number,
): Promise<Injected[]> {
  const until = Date.now() + duration;
  const pausedFor = async (name: ServiceName, ms: number): Promise<void> => {
    await services.pause(name);
    await pause(ms);
    await services.resume(name);
  };
  const faults: Readonly<Record<string, () => Promise<void>>> = {
    "Elasticsearch paused for 3 s": () => pausedFor("elasticsearch", 3_000),
    "connections cut": () => load.cut(),
    "Redis killed and restarted": async () => {
      await services.kill("redis");
      await pause(1_000);
      await services.restart("redis");
    },
    "Elasticsearch killed and restarted": async () => {
      await services.kill("elasticsearch");
      await services.restart("elasticsearch");
    },
    "Redis paused for 3 s": () => pausedFor("redis", 3_000),
    "Elasticsearch paused for 12 s": () => pausedFor("elasticsearch", 12_000),
  };
  const injected: Injected[] = [];
  const names = Object.keys(faults);

  for (let turn = 0; ; turn++) {
    await pause(Math.min(CALM_MS, duration / 15));
    if (Date.now() > until) {
      return injected;
    }
    const name = String(names[turn % names.length]);
    const from = Date.now();
    await faults[name]?.();
    injected.push({ ms: Date.now() - from, name });
  }
}
