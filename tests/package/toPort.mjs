// Loaded before a client of the README, which connects to Kuzzle's usual port: has it connect to
// README_PORT, where the Kuzzle of the test is.
import { Socket } from "node:net";

const USUAL_PORT = 7512;

Socket.prototype.connect = new Proxy(Reflect.get(Socket.prototype, "connect"), {
  /** @param {any[]} args */
  apply(connect, socket, args) {
    const [options] = [args[0]].flat();
    if (Number(options?.port) === USUAL_PORT) {
      options.port = Number(process.env["README_PORT"]);
    }

    return Reflect.apply(connect, socket, args);
  },
});
