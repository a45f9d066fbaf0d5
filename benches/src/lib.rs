//! Times each op alone, on any adapter: what a kernel takes, and how near that is to what the adapter can do.
//!
//! The same bench runs natively (`src/main.rs`) and in a page (`web/`); both call [`bench`].
//!
//! The modules, in reading order:
//!
//! 1. `args`: the command line.
//! 2. `shapes`: the models whose matrices are timed.
//! 3. `work`: what a cell of the table times, and what it moves and computes.
//! 4. `order`: which cells come first, and which no longer fit the budget.
//! 5. `tunings`, `sets`: parameters of an op; the two built-in sets and those of the command line.
//! 6. `arena`: buffers that all cells share, sized so that no cache holds what a model would have to read again.
//! 7. `context`: an open device, and how long something takes on it.
//! 8. `ceilings`: how fast the adapter reads and multiplies at best.
//! 9. `cell`: a cell's dispatches.
//! 10. `report`: the table and the JSON.
//! 11. `tune`: the grid of parameters.
//! 12. `bench`: all of it in turn.
//! 13. `grow`: models in any type, for the programs of `bin/`, which time whole models.

mod arena;
mod args;
mod bench;
mod ceilings;
mod cell;
mod context;
mod error;
mod grow;
mod order;
mod report;
mod sets;
mod shapes;
mod tune;
mod tunings;
mod work;

pub use bench::{Host, Report, bench};
pub use error::{Error, Result};
pub use grow::grow;
