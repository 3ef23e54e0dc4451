export * from "./face/index.js";

/** The version of the addon, which is the version of the core in it. */
export function version(): string;
