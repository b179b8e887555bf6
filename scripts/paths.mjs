import { fileURLToPath } from "node:url";

/** Top of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** What the services and the applications write; git ignores it. */
export const servicesFolder = `${root}.services`;

/** Has a folder for each supervisor that runs services, with their data and logs. */
export const runsFolder = `${servicesFolder}/runs`;
