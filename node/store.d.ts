/** `memory:` or `sqlite:PATH`. */
export type StoreAddress = string;
