/** What a request to storage is answered that a test has refused. */
export const REFUSAL = "refused by the test";
