// In front of all that `matcher` names: live tokens only, on the paths that they were issued for.

import { tokens } from "./tokens.js";

export const proxy = tokens.proxy();
export const config = { matcher: ["/me", "/projects/:path*"] };
