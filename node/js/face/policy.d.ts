/** Text, or a policy document as an object in the spelling of documents (snake_case). */
export type PolicySource = string | PolicyDocument;

/** A policy document; see the documentation of policies for its fields. */
export interface PolicyDocument {
  name: string;
  [field: string]: unknown;
}
