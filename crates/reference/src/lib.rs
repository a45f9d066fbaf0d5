//! ggweb-reference
