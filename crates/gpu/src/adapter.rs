//! Which adapter to open, and what it is called.

use crate::error::{Error, Result};
use crate::platform;

pub(crate) async fn find(name: Option<&str>) -> Result<wgpu::Adapter> {
    const ADVICE: &str = "install a Vulkan, Metal or DX12 driver (on Debian: mesa-vulkan-drivers), or use a browser \
                          with WebGPU turned on";
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = platform::BACKENDS;
    let instance = wgpu::Instance::new(descriptor);
    let mut adapters = platform::adapters(&instance).await;
    // A GPU before a CPU: a software adapter is taken only where there is nothing else, or by name.
    adapters.sort_by_key(|adapter| adapter.get_info().device_type == wgpu::DeviceType::Cpu);
    let names: Vec<String> = adapters
        .iter()
        .map(|adapter| describe(&adapter.get_info()))
        .collect();
    let wanted = name
        .filter(|_| platform::NAMES_ADAPTERS_EARLY)
        .unwrap_or_default();
    match names.iter().position(|name| fits(name, wanted)) {
        Some(index) => Ok(adapters.swap_remove(index)),
        None if names.is_empty() => Err(Error::NoAdapter {
            reason: "this machine offers none".to_owned(),
            advice: ADVICE,
        }),
        None => Err(no_such(wanted, &names)),
    }
}

/// Where the name was not known before the adapter was opened: whether it is the one that was asked for.
pub(crate) fn must_fit(name: &str, wanted: Option<&str>) -> Result<()> {
    match wanted {
        Some(wanted) if !fits(name, wanted) => Err(no_such(wanted, &[name.to_owned()])),
        _ => Ok(()),
    }
}

fn fits(name: &str, wanted: &str) -> bool {
    name.to_lowercase().contains(&wanted.to_lowercase())
}

fn no_such(wanted: &str, names: &[String]) -> Error {
    Error::NoAdapter {
        reason: format!("none is called `{wanted}`; there are: {}", names.join(", ")),
        advice: "name a part of one of these",
    }
}

pub(crate) fn describe(info: &wgpu::AdapterInfo) -> String {
    let parts = [
        info.name.as_str(),
        info.driver.as_str(),
        info.driver_info.as_str(),
    ];
    let known: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if known.is_empty() {
        "unnamed adapter".to_owned()
    } else {
        known.join(", ")
    }
}

/// A browser may hide `device_type`; the names of the software rasterizers are few and old.
pub(crate) fn looks_software(name: &str) -> bool {
    let name = name.to_lowercase();
    [
        "swiftshader",
        "llvmpipe",
        "lavapipe",
        "software",
        "basic render",
    ]
    .iter()
    .any(|part| name.contains(part))
}
