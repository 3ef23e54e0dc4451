/** `memory:`, `sqlite:PATH` or `postgresql://...`. */
export type StoreAddress = string;
