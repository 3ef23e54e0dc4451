// What the application's routes ask for: one guard each, checked once at start-up. An authority and a verifier take the
// same lines, so the Node process and the worker share them.

const ROUTES = [
  [/^\/v1\/systems\/([\w-]+)$/, "system-write"],
  [/^\/v1\/policies\/([\w-]+)$/, "system-policy-write"],
];

/**
 * @param {{ guard(permission: string, template: string): import("tokenward").Guard }} registry
 * @returns {(credential: string | null, path: string) => import("tokenward").Decision}
 */
export function gate(registry) {
  const routes = ROUTES.map(([pattern, permission]) => [
    pattern,
    registry.guard(permission, "workspace:hooli/system:{system}"),
  ]);
  return (credential, path) => {
    for (const [pattern, guard] of routes) {
      const found = pattern.exec(path);
      if (found) return guard.authorize(credential, { path, params: { system: found[1] } });
    }
    throw new Error("no such route");
  };
}
