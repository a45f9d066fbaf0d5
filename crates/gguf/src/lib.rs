//! ggweb-gguf
