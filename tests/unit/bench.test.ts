import { inOneProcess } from "./inOneProcess";

inOneProcess("bench");
