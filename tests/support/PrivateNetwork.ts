import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";

const NAME = /^document-update-(\d+)-[0-9a-f]{4}/;

/** Ends what runs in the namespaces of a network, `$0`, and deletes them; their links go with them. */
const REMOVE = `
  for namespace in $(ip netns list | cut -d " " -f 1 | grep "^$0"); do
    for pid in $(ip netns pids "$namespace"); do kill -KILL "$pid"; done
    ip netns delete "$namespace"
  done
`;

/** A network namespace, in which all ports are free. */
export interface Namespace {
  readonly host: string;
  /** The command that runs another one here. */
  readonly within: readonly string[];
}

/**
 * Network namespaces joined by a switch in a namespace of its own, where the firewall of this
 * machine has no say. This machine is in it at `host`; nothing else is.
 *
 * It is deleted, with all that runs in it, when `delete` is called, and when this process ends in
 * whatever way.
 */
export class PrivateNetwork {
  readonly #name: string;
  readonly #subnet: string;
  readonly #keeper: ChildProcess;
  #namespaces = 0;

  private constructor() {
    const id = randomBytes(2).toString("hex");
    this.#name = `document-update-${process.pid}-${id}`;
    this.#subnet = freeSubnet();
    // Its stdin ends with this process.
    this.#keeper = spawn("sh", ["-c", `cat\n${REMOVE}`, this.#name], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#keeper.unref();

    // Names of links have 15 characters at most.
    const link = `du${process.pid}-${id}`;
    ip(`netns add ${this.#name}`);
    ip(`link add ${link} type veth peer name host netns ${this.#name}`);
    ip(`address add ${this.host}/24 dev ${link}`);
    ip(`link set ${link} up`);
    ip(`-n ${this.#name} link add switch type bridge`);
    ip(`-n ${this.#name} link set switch up`);
    ip(`-n ${this.#name} link set host master switch up`);
  }

  static create(): PrivateNetwork {
    sweepLeftovers();
    return new PrivateNetwork();
  }

  get host(): string {
    return `${this.#subnet}.1`;
  }

  addNamespace(): Namespace {
    const number = ++this.#namespaces;
    const name = `${this.#name}-${number}`;
    const host = `${this.#subnet}.${10 + number}`;
    const port = `port${number}`;

    ip(`netns add ${name}`);
    ip(
      `link add ${port} netns ${this.#name} type veth peer name eth0 netns ${name}`,
    );
    ip(`-n ${this.#name} link set ${port} master switch up`);
    ip(`-n ${name} address add ${host}/24 dev eth0`);
    ip(`-n ${name} link set eth0 up`);
    ip(`-n ${name} link set lo up`);

    return { host, within: ["ip", "netns", "exec", name] };
  }

  async delete(): Promise<void> {
    this.#keeper.ref();
    const ended = once(this.#keeper, "exit");
    this.#keeper.stdin?.end();
    await ended;
  }
}

/** Tells why this machine cannot have such a network; nothing where it can. */
export function privateNetworkUnmet(): string | undefined {
  if (process.platform !== "linux") {
    return "needs network namespaces, which are Linux's";
  }
  if (process.getuid?.() !== 0) {
    return "needs root, to make network namespaces";
  }
  const probe = `document-update-${process.pid}-0000`;
  try {
    ip(`netns add ${probe}`);
    ip(`netns delete ${probe}`);
    return undefined;
  } catch (error) {
    return `needs network namespaces, and iproute2 to make them: ${String(error)}`;
  }
}

/** Deletes the networks whose process is gone, and their keeper too. */
function sweepLeftovers(): void {
  const leftovers = ip("netns list")
    .split("\n")
    .flatMap((line) => {
      const [name, pid] = NAME.exec(line) ?? [];
      return name !== undefined && !isAlive(Number(pid)) ? [name] : [];
    });

  for (const name of new Set(leftovers)) {
    execFileSync("sh", ["-c", `${REMOVE}\ntrue`, name], { stdio: "ignore" });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Picks one of those that are set aside for tests of networks (RFC 2544), and not in use here. */
function freeSubnet(): string {
  for (;;) {
    const subnet = `198.${18 + randomInt(2)}.${randomInt(256)}`;
    if (ip(`-4 route show table all to root ${subnet}.0/24`) === "") {
      return subnet;
    }
  }
}

function ip(command: string): string {
  return execFileSync("ip", command.split(" "), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
