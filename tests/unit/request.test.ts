import { inOneProcess } from "./inOneProcess";

inOneProcess("request");
