//! ggweb-wasm
