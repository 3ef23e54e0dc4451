// What the applications of all frameworks have in common: the routes of the table, and what they answer.

import table from "../cases.json" with { type: "json" };

export const { policy, realm, header, routes, introspect, revoke } = table.app;
/** `{item}` is one segment, `{path*}` one or more. */
export const pattern = (route, one, many) => route.replace(/\{(\w+)\}/g, one).replace(/\{(\w+)\*\}/g, many);
/** A principal as the table spells it. */
export const shown = (auth) =>
  auth && {
    principal: auth.principal,
    owner: auth.owner,
    token_id: auth.tokenId,
    token_name: auth.tokenName,
    realm: auth.realm,
  };
