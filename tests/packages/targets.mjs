// What packages are built for.

import process from "node:process";

/** The platforms of Linux: what Rust, npm and Python call them. */
export const targets = {
  "linux-x64-gnu": { rust: "x86_64-unknown-linux-gnu", cpu: "x64", libc: "glibc", wheel: "manylinux2014_x86_64" },
  "linux-x64-musl": { rust: "x86_64-unknown-linux-musl", cpu: "x64", libc: "musl", wheel: "musllinux_1_2_x86_64" },
  "linux-arm64-gnu": { rust: "aarch64-unknown-linux-gnu", cpu: "arm64", libc: "glibc", wheel: "manylinux2014_aarch64" },
  "linux-arm64-musl": {
    rust: "aarch64-unknown-linux-musl",
    cpu: "arm64",
    libc: "musl",
    wheel: "musllinux_1_2_aarch64",
  },
};

/** The platform of this machine. */
export const host = `linux-${process.arch}-${process.report.getReport().header.glibcVersionRuntime ? "gnu" : "musl"}`;
