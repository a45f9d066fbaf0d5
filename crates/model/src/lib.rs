//! ggweb-model
