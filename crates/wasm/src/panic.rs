//! An abort settles no promise by itself, so the page must hear of it while the hook still runs.

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

thread_local! {
    static HANDLER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Has `handler` called with the message if the engine ever panics. No call is answered after that.
#[wasm_bindgen]
pub fn set_panic_handler(handler: Function) {
    HANDLER.set(Some(handler));
    std::panic::set_hook(Box::new(|info| {
        let message = JsValue::from_str(&info.to_string());
        HANDLER.with_borrow(|handler| {
            if let Some(handler) = handler {
                // Nobody is left to tell that the handler failed.
                let _ = handler.call1(&JsValue::NULL, &message);
            }
        });
    }));
}

/// Panics, so that tests can see what the page makes of it.
///
/// # Panics
/// Always.
#[wasm_bindgen]
pub fn panic_now() {
    panic!("asked to panic");
}
