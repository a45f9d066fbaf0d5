//! ggweb-tokenizer
