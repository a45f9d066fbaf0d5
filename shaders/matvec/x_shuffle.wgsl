// Block b of x, loaded once for the subgroup: each lane loads its share and the others take it from
// there. The workgroup is one subgroup and all its lanes are at the same block.

fn x_load(b: u32, lane: u32) -> XBlock {
    let mine = x_share(8u * b, lane);
    return x_spread(XShare(w_prepare(mine.a), w_prepare(mine.b)), x_sums(mine));
}
