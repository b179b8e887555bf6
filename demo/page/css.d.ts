/** esbuild collects the style sheets that a script imports. */
declare module "*.css";
