import { inOneProcess } from "./inOneProcess";

inOneProcess("change");
