// Who makes a request, as handlers are told it.

const { freeze } = Object;

/**
 * Reads the names once: what a decision looks up later is looked up in the registry as it is then.
 *
 * @param {import("../face/index.js").Decision} decision an allowed one
 */
export function principalOf({ principal, owner, tokenId, tokenName, realm, revision }) {
  return freeze({ principal, owner, tokenId, tokenName, realm, revision });
}
