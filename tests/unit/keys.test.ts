import { inOneProcess } from "./inOneProcess";

inOneProcess("keys");
