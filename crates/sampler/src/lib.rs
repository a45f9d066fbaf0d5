//! ggweb-sampler
