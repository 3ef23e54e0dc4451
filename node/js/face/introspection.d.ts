/** An introspection answer (RFC 7662): a document, so its names are snake_case and its instants seconds since 1970. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly client_id: string;
      readonly sub: string;
      readonly username?: string;
      readonly iss: string;
      readonly iat: number;
      readonly exp?: number;
      readonly scope: string;
      readonly token_type: "Bearer";
    };
