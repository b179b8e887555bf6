import { inOneProcess } from "./inOneProcess";

inOneProcess("page");
