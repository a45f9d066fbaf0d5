// One lane has whole heads: its scores are whole.

fn reduce_scores(s: Scores, lane: u32) -> Scores {
    return s;
}
