//! Tells the linker that Node gives the addon its symbols.

fn main() {
    napi_build::setup();
}
