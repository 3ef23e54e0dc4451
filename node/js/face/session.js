// A principal that has proven itself in a realm; every change is made by one.

import { argumentsText } from "./arguments.js";
import { Issued } from "./issued.js";
import { resultOf, unwrap } from "./results.js";

/** Makes changes in a realm in the name of a principal; {@link Authority} opens it. */
export class Session {
  #port;

  constructor(port) {
    this.#port = port;
    this.realm = port.realm;
    this.principal = port.principal;
    Object.freeze(this);
  }

  async issue(options) {
    return this.#issued("issue", argumentsText({}, options));
  }

  async issueFor(resource, options) {
    return this.#issued("issue_for", argumentsText({ resource }, options));
  }

  async importTokens(tokens) {
    return this.#result("import_tokens", argumentsText({ tokens }));
  }

  async rotate(token, options) {
    return this.#issued("rotate", argumentsText({ token }, options));
  }

  async tokens(options) {
    return this.#result("tokens", argumentsText({}, options));
  }

  async token(token) {
    return this.#result("token", argumentsText({ token }));
  }

  async revoke(token) {
    return this.#result("revoke", argumentsText({ token }));
  }

  async disable(token) {
    return this.#result("disable", argumentsText({ token }));
  }

  async enable(token) {
    return this.#result("enable", argumentsText({ token }));
  }

  async createRole(name, options) {
    return this.#result("create_role", argumentsText({ name }, options));
  }

  async updateRole(name, options) {
    return this.#result("update_role", argumentsText({ name }, options));
  }

  async deleteRole(name) {
    await this.#result("delete_role", argumentsText({ name }));
  }

  async roles() {
    return this.#result("roles", "{}");
  }

  async bind(role, options) {
    return this.#result("bind", argumentsText({ role }, options));
  }

  async unbind(binding, options) {
    return this.#result("unbind", argumentsText({ binding }, options));
  }

  async bindings(options) {
    return this.#result("bindings", argumentsText({}, options));
  }

  async addUser(user, options) {
    return this.#result("add_user", argumentsText({ user }, options));
  }

  async setPassword(user, password) {
    await this.#result("set_password", argumentsText({ user, password }));
  }

  async deleteUser(user) {
    await this.#result("delete_user", argumentsText({ user }));
  }

  async users() {
    return this.#result("users", "{}");
  }

  async settings() {
    return this.#result("settings", "{}");
  }

  async updateSettings(options) {
    return this.#result("update_settings", argumentsText({}, options));
  }

  async createResource(resource) {
    await this.#result("create_resource", argumentsText({ resource }));
  }

  async deleteResource(resource) {
    await this.#result("delete_resource", argumentsText({ resource }));
  }

  async can(permission, resource) {
    return this.#result("can", argumentsText({ permission, resource }));
  }

  async canMany(checks) {
    return this.#result("can_many", argumentsText({ checks }));
  }

  async whoCan(permission, resource) {
    return this.#result("who_can", argumentsText({ permission, resource }));
  }

  /** The raw boundary, for the tests of the core's parser. */
  async _call(operation, text) {
    const outcome = unwrap(await this.#port.call(operation, text));
    return outcome[0] === "issued" ? new Issued(outcome) : resultOf(outcome);
  }

  async #result(operation, text) {
    return resultOf(await this.#port.call(operation, text));
  }

  async #issued(operation, text) {
    return new Issued(unwrap(await this.#port.call(operation, text)));
  }
}
