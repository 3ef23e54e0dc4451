use std::error::Error;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

/// Writes `tokenward.js`, `tokenward_bg.js` and `tokenward_bg.wasm` into `out`.
///
/// The bundler output is the one whose glue neither loads nor compiles anything by itself: `wasm/start.js` does that in
/// every runtime, and `tokenward.js` is left unused.
pub(crate) fn write(module: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    Bindgen::new()
        .input_path(module)
        .bundler(true)?
        .typescript(false)
        .out_name("tokenward")
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)?;
    Ok(())
}
