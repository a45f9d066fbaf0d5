//! ggweb-gpu
