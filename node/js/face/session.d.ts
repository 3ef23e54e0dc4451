import type { Binding } from "./binding.js";
import type { IssueForOptions, IssueOptions, Issued } from "./issued.js";
import type { ImportedToken } from "./imports.js";
import type { Settings } from "./realm.js";
import type { Role } from "./role.js";
import type { Token, TokenStatus } from "./token.js";
import type { User } from "./user.js";

/** One question of {@link Session.canMany}. */
export interface Check {
  readonly permission: string;
  readonly resource: string;
}

/**
 * A principal that has proven itself in a realm. Every change is made by one, and is refused with a `DeniedError`
 * (`not_permitted`, `escalation_denied`) unless the principal may make it; a refused change changes nothing.
 *
 * Where a method takes a token, it takes its name or its client id.
 */
export class Session {
  private constructor();
  readonly realm: string;
  /** Who it is, such as `user:ruchita`; `system` for the host itself. */
  readonly principal: string;

  /**
   * Issues a token. The answer is the only place where its secret can be read.
   *
   * @throws ConflictError `name_taken`
   */
  issue(options?: IssueOptions): Promise<Issued>;
  /**
   * Issues the token that comes with a resource, backed by an ad-hoc role that covers that resource only.
   *
   * @throws StateError `resource_token_off`
   */
  issueFor(resource: string, options?: IssueForOptions): Promise<Issued>;
  /**
   * Imports tokens that another system issued: all of them, or none. They keep working as they are, and from its first
   * use on each is stored as our own are. What holds for issuing a token holds for each of them.
   *
   * @param tokens at most 50,000
   * @throws InputError with a place such as `tokens[3].digest`: `scheme_unknown`, `lookup_invalid`, `digest_invalid`,
   *   `digest_too_costly` beyond one million rounds of PBKDF2, and as {@link Session.issue}
   * @throws ConflictError `import_duplicate`, `name_taken`
   */
  importTokens(tokens: readonly ImportedToken[]): Promise<Token[]>;
  /**
   * Gives a token a new secret. The old one works for another `overlapSeconds` (0), never past its own expiry.
   *
   * @throws StateError `rotation_off`, `token_not_active`
   * @throws NotFoundError `token_not_found`
   */
  rotate(token: string, options?: { readonly overlapSeconds?: number | undefined }): Promise<Issued>;
  /** The tokens that the principal may see, those of one status or all. */
  tokens(options?: { readonly status?: TokenStatus | undefined }): Promise<Token[]>;
  /** @throws NotFoundError `token_not_found` */
  token(token: string): Promise<Token>;
  /**
   * Ends a token for good.
   *
   * @throws NotFoundError `token_not_found`
   */
  revoke(token: string): Promise<Token>;
  /**
   * Stops a token until it is enabled again.
   *
   * @throws NotFoundError `token_not_found`
   */
  disable(token: string): Promise<Token>;
  /** @throws NotFoundError `token_not_found` */
  enable(token: string): Promise<Token>;

  /**
   * Makes a custom role.
   *
   * @throws ConflictError `role_exists`
   * @throws StateError `custom_roles_off`
   */
  createRole(
    name: string,
    options: {
      readonly permissions: readonly string[];
      readonly description?: string | undefined;
      readonly resources?: readonly string[] | undefined;
    },
  ): Promise<Role>;
  /**
   * Changes a custom role, at once for all who have it.
   *
   * @throws NotFoundError `role_not_found`
   * @throws StateError `role_predefined`
   */
  updateRole(
    name: string,
    options: {
      readonly description?: string | undefined;
      readonly permissions?: readonly string[] | undefined;
      readonly resources?: readonly string[] | undefined;
    },
  ): Promise<Role>;
  /**
   * Deletes a custom role and takes its rights away at once.
   *
   * @throws NotFoundError `role_not_found`
   * @throws StateError `role_predefined`
   */
  deleteRole(name: string): Promise<void>;
  /** The predefined and the custom roles. */
  roles(): Promise<Role[]>;

  /**
   * Binds a role at a resource. There is one binding for a role at a resource: subjects are added to it, or with
   * `replace` set.
   *
   * @throws NotFoundError `role_not_found`
   */
  bind(
    role: string,
    options: {
      /** A resource. The binding covers it and all below. */
      readonly at: string;
      /** Principals, such as `user:ruchita` or `token:ci/deploy`. */
      readonly subjects: readonly string[];
      readonly replace?: boolean | undefined;
    },
  ): Promise<Binding>;
  /**
   * Ends a binding, or takes subjects from it; `null` when nothing is left of it.
   *
   * @param binding its id
   * @throws NotFoundError `binding_not_found`
   */
  unbind(binding: string, options?: { readonly subjects?: readonly string[] | undefined }): Promise<Binding | null>;
  /** The bindings of a resource, a role, a subject, or all. */
  bindings(options?: {
    readonly resource?: string | undefined;
    readonly role?: string | undefined;
    readonly subject?: string | undefined;
  }): Promise<Binding[]>;

  /**
   * Adds a user, with a password (8 to 1024 bytes) if this library is to check it.
   *
   * @throws ConflictError `user_exists`
   */
  addUser(user: string, options?: { readonly password?: string | undefined }): Promise<User>;
  /** @throws NotFoundError `user_not_found` */
  setPassword(user: string, password: string): Promise<void>;
  /** @throws NotFoundError `user_not_found` */
  deleteUser(user: string): Promise<void>;
  users(): Promise<User[]>;

  settings(): Promise<Settings>;
  /** Changes the settings given, and answers all. */
  updateSettings(options: { readonly [name in keyof Settings]?: Settings[name] | undefined }): Promise<Settings>;

  /**
   * Notes that a resource was made, and binds the policy's creator role for the session's principal.
   *
   * @throws ConflictError `resource_exists`
   */
  createResource(resource: string): Promise<void>;
  /**
   * Ends the bindings at a resource and below.
   *
   * @throws NotFoundError `resource_not_found`
   */
  deleteResource(resource: string): Promise<void>;

  /** Whether the session's principal may do something to a resource. */
  can(permission: string, resource: string): Promise<boolean>;
  /** The same for many questions, in their order. */
  canMany(checks: readonly Check[]): Promise<boolean[]>;
  /** The principals that may do something to a resource. */
  whoCan(permission: string, resource: string): Promise<string[]>;
}
