import type { MemoryStorage } from "../../lib/request/requestKeys";

type Action = Parameters<MemoryStorage["mexecute"]>[0][number];
type Results = Awaited<ReturnType<MemoryStorage["mexecute"]>>;
type Command = readonly [name: string, key: string, ...args: string[]];

interface Hash {
  expiresAt: number;
  readonly fields: Map<string, string>;
}

/** The few commands of Redis that the plugin sends by the embedded SDK, with a clock of its own. */
export class FakeRedis implements MemoryStorage {
  /** In ms. */
  now = 0;
  readonly hashes = new Map<string, Hash>();
  readonly received: Action[] = [];
  /** What becomes of a transaction. By default, it is run at once. */
  through: (run: () => Results) => Promise<Results> = async (run) => run();

  mexecute(actions: readonly Action[]): Promise<Results> {
    this.received.push(...actions);

    return this.through(() =>
      actions.map((action) => [null, this.#execute(commandOf(action))]),
    );
  }

  /** All that is kept under the only key there is. */
  get fields(): Map<string, string> {
    const [hash] = this.hashes.values();

    return hash!.fields;
  }

  #execute([name, key, ...args]: Command): unknown {
    const known = this.hashes.get(key);
    if (known && known.expiresAt <= this.now) {
      this.hashes.delete(key);
    }
    const hash = this.hashes.get(key) ?? {
      expiresAt: Infinity,
      fields: new Map<string, string>(),
    };
    const { fields } = hash;
    const [first, second] = args as [string, string];
    switch (name) {
      case "hsetnx":
      case "hset":
        this.hashes.set(key, hash);
        if (name === "hset" || !fields.has(first)) {
          fields.set(first, second);
        }
        return 0;
      case "hdel":
        args.forEach((field) => fields.delete(field));
        return 0;
      case "hkeys":
        return [...fields.keys()];
      case "hmget":
        return args.map((field) => fields.get(field) ?? null);
      case "hvals":
        return [...fields.values()];
      case "pexpire":
        hash.expiresAt = this.now + Number(first);
        return 1;
      case "pttl":
        return this.hashes.has(key) ? hash.expiresAt - this.now : -2;
      default:
        throw new Error(`"${name}" is no command of this Redis.`);
    }
  }
}

/** The command that Kuzzle makes of an action: a test compares it with Kuzzle's own. */
export function commandOf({ action, args }: Action): Command {
  const { _id, body, fields = [] } = args;

  return [action, _id, ...Object.values({ ...body }).flat(), ...fields];
}
