//! ggweb-engine
