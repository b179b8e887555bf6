/** The error of a request to storage that a test refuses. */
export const REFUSAL = "refused by the test";
