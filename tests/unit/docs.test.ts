import { inOneProcess } from "./inOneProcess";

inOneProcess("docs");
