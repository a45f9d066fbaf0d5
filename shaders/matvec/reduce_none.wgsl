// One lane has whole rows: nothing to add up.

fn reduce_rows(acc: ptr<function, array<f32, ROWS>>, lane: u32) {}
