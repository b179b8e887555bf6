import { inOneProcess } from "./inOneProcess";

inOneProcess("plugin");
