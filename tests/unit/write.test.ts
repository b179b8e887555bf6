import { inOneProcess } from "./inOneProcess";

inOneProcess("write");
