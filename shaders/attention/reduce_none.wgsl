// One lane has whole heads: its scores are whole.

fn reduce_scores(score: ptr<function, array<f32, ROWS * STEP>>, lane: u32) {}
