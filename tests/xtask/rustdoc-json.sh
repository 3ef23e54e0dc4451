#!/bin/sh
# rustdoc, allowed to write JSON. Set for it alone, the variable lets cargo keep what it has compiled.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
