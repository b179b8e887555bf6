import { inOneProcess } from "./inOneProcess";

inOneProcess("storage");
