/**
 * `memory:`, `sqlite:PATH`, or `postgresql://user@host:5432/database?schema=tokens&sslmode=verify-full`. The schema is
 * `tokenward` where none is named, and is made where it is missing; `sslmode` and `sslrootcert` mean what they mean to
 * libpq. A password may stand in the variable `PGPASSWORD` instead of the address.
 */
export type StoreAddress = string;
