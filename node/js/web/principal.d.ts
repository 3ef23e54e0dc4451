/** Who makes a request: the names of a decision that allowed it. It holds no secret. */
export interface Principal {
  /** Who acts, such as `token:alice/test` or `user:ruchita`. */
  readonly principal: string;
  /** Who owns the token. */
  readonly owner: string;
  /** The client id of the token. */
  readonly tokenId: string;
  /** The name of the token; `null` if it has none. */
  readonly tokenName: string | null;
  /** The realm of the token. */
  readonly realm: string;
  /** The revision of the registry that decided. */
  readonly revision: number;
}
