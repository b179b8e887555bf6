import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: ["dist/", "coverage/", ".services/", ".unit/", "reports/"],
  },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      curly: "error",
      eqeqeq: "error",
      // An empty environment variable counts as one that is not set.
      "@typescript-eslint/prefer-nullish-coalescing": [
        "error",
        { ignorePrimitives: { string: true } },
      ],
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { arguments: false } },
      ],
      "@typescript-eslint/no-empty-function": [
        "error",
        { allow: ["arrowFunctions"] },
      ],
      "no-console": "error",
      "no-else-return": "error",
      "no-nested-ternary": "error",
      "no-restricted-syntax": [
        "error",
        {
          message: "Named exports only.",
          selector: "ExportDefaultDeclaration",
        },
      ],
    },
  },
  {
    // Kuzzle's own types are full of `any`: documents, arguments, results.
    files: ["lib/**", "demo/**", "tests/**"],
    rules: {
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      // Kuzzle's index signatures are read with brackets, as the compiler asks.
      "@typescript-eslint/dot-notation": "off",
      "@typescript-eslint/no-empty-object-type": "off",
    },
  },
  {
    files: ["tests/**"],
    rules: {
      // node:test collects the promises that `test` and `it` return.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            {
              from: "package",
              name: ["test", "it", "describe", "suite"],
              package: "node:test",
            },
          ],
        },
      ],
      "@typescript-eslint/require-await": "off",
      // Applications throw what is no error, too.
      "@typescript-eslint/prefer-promise-reject-errors": "off",
    },
  },
  {
    files: [".ci/**", "scripts/**", "demo/**", "tests/**/*.mjs"],
    rules: { "no-console": "off" },
  },
  {
    files: [".ci/**", "scripts/**", "tests/**/*.mjs", "*.config.mjs"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "no-restricted-syntax": "off",
      // TypeScript checks the scripts, and knows Node.js's globals.
      "no-undef": "off",
    },
  },
);
