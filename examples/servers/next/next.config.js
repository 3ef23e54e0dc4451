// The native addon is loaded as it is, and not bundled.
export default { serverExternalPackages: ["tokenward"] };
