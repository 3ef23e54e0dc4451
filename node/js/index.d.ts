export * from "./face/index.js";
export { readExport, type ExportOptions } from "./export.js";

/** The version of the addon, which is the version of the core in it. */
export function version(): string;
