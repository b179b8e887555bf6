import { inOneProcess } from "./inOneProcess";

inOneProcess("kuzzle");
