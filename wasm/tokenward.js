// What the package exports, the same in every runtime. Named one by one: the glue has names of its own.
export { version } from "./dist/tokenward_bg.js";
