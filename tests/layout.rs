//! Every joined shader: naga parses and validates it within the web's floor of limits; its `Params`, its `Step` and its
//! bindings are the ones that Rust fills.

use std::collections::BTreeMap;
use std::mem::offset_of;

use ggweb_gpu::Caps;
use ggweb_gpu::ops::Step;
use ggweb_gpu::shader::{Access, Shader};
use ggweb_tests::data::{repo, report};
use ggweb_tests::shaders::every_shader;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, Module, StorageAccess, TypeInner};

/// WebGPU's floor.
const MAX_WORKGROUP_BYTES: u32 = 16 << 10;
const MAX_INVOCATIONS: u32 = 256;
const MAX_STORAGE_BUFFERS: usize = 8;

#[test]
fn every_shader_is_valid_and_within_the_floor() {
    let every = modules();
    report(&format!("layout: {} shaders", every.len()));
    let mut wrong = Vec::new();
    for (caps, shader, module) in &every {
        // `pack2x16float` alone needs no feature of an adapter.
        let mut allowed = Capabilities::SHADER_FLOAT16_IN_FLOAT32;
        allowed.set(Capabilities::SHADER_FLOAT16, shader.f16);
        allowed.set(Capabilities::SUBGROUP, shader.subgroups);
        let name = describe(shader);
        if let Err(error) = Validator::new(ValidationFlags::all(), allowed).validate(module) {
            wrong.push(format!("{name}: {}", error.into_inner()));
        }
        let [x, y, z] = module.entry_points[0].workgroup_size;
        let allowed = caps.max_lanes.min(MAX_INVOCATIONS);
        if x * y * z > allowed {
            let found = x * y * z;
            wrong.push(format!("{name}: {found} invocations, allowed {allowed}"));
        }
        let bytes = workgroup_bytes(module);
        if bytes > MAX_WORKGROUP_BYTES {
            wrong.push(format!(
                "{name}: {bytes} bytes of workgroup memory, allowed {MAX_WORKGROUP_BYTES}"
            ));
        }
        let n_storage = shader
            .bindings
            .iter()
            .filter(|(_, access)| *access != Access::Uniform)
            .count();
        if n_storage > MAX_STORAGE_BUFFERS {
            wrong.push(format!(
                "{name}: {n_storage} storage buffers, allowed {MAX_STORAGE_BUFFERS}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn bindings_are_the_ones_of_the_list() {
    for (_, shader, module) in modules() {
        let mut got = BTreeMap::new();
        for (_, variable) in module.global_variables.iter() {
            if let Some(binding) = &variable.binding {
                assert_eq!(
                    binding.group,
                    0,
                    "{}: everything is in group 0",
                    describe(&shader)
                );
                let access = match variable.space {
                    AddressSpace::Uniform => Access::Uniform,
                    AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => {
                        Access::ReadWrite
                    }
                    _ => Access::Read,
                };
                let twice = got.insert(binding.binding, access);
                assert!(
                    twice.is_none(),
                    "{}: binding {} twice",
                    describe(&shader),
                    binding.binding
                );
            }
        }
        let listed: BTreeMap<u32, Access> = shader.bindings.iter().copied().collect();
        assert_eq!(
            got,
            listed,
            "{}: bindings in WGSL, and in Rust's list",
            describe(&shader)
        );
        assert_eq!(
            shader.bindings[0],
            (0, Access::Uniform),
            "{}: params are binding 0",
            describe(&shader)
        );
    }
}

#[test]
fn params_and_step_lie_as_in_rust() {
    let rust = rust_params();
    let step = [
        ("n_token", offset_of!(Step, n_token)),
        ("pos", offset_of!(Step, pos)),
        ("logits_row", offset_of!(Step, logits_row)),
    ];
    for (_, shader, module) in modules() {
        let name = describe(&shader);
        let file = rust_file(&shader);
        let want = rust
            .get(file)
            .unwrap_or_else(|| panic!("crates/gpu/src/ops/{file}.rs has no Params"));
        let got = members(&module, "Params").unwrap_or_else(|| panic!("{name} has no Params"));
        assert_eq!(
            got, *want,
            "{name}: Params in WGSL, and in crates/gpu/src/ops/{file}.rs"
        );
        if let Some(got) = members(&module, "Step") {
            let got: Vec<(&str, usize)> = got
                .iter()
                .map(|member| (member.name.as_str(), member.offset))
                .collect();
            assert_eq!(got, step, "{name}: Step in WGSL, and in Rust");
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    name: String,
    kind: String,
    offset: usize,
}

fn modules() -> Vec<(Caps, Shader, Module)> {
    let parse = |(caps, shader): (Caps, Shader)| {
        let text = shader.source(&caps);
        let module = naga::front::wgsl::parse_str(&text).unwrap_or_else(|error| {
            panic!("{}:\n{}", describe(&shader), error.emit_to_string(&text))
        });
        (caps, shader, module)
    };
    every_shader().into_iter().map(parse).collect()
}

fn describe(shader: &Shader) -> String {
    format!(
        "{} of {:?} with {:?}",
        shader.name, shader.parts, shader.consts
    )
}

fn workgroup_bytes(module: &Module) -> u32 {
    let workgroup = module
        .global_variables
        .iter()
        .filter(|(_, variable)| variable.space == AddressSpace::WorkGroup);
    workgroup
        .map(|(_, variable)| module.types[variable.ty].inner.size(module.to_ctx()))
        .sum()
}

/// The members of a struct in WGSL.
fn members(module: &Module, name: &str) -> Option<Vec<Member>> {
    let (_, found) = module
        .types
        .iter()
        .find(|(_, found)| found.name.as_deref() == Some(name))?;
    let TypeInner::Struct { members, .. } = &found.inner else {
        return None;
    };
    let kind = |member: &naga::StructMember| match module.types[member.ty].inner {
        TypeInner::Scalar(naga::Scalar::U32) => "u32".to_owned(),
        TypeInner::Scalar(naga::Scalar::I32) => "i32".to_owned(),
        TypeInner::Scalar(naga::Scalar::F32) => "f32".to_owned(),
        ref other => format!("{other:?}"),
    };
    let member = |member: &naga::StructMember| Member {
        name: member.name.clone().unwrap_or_default(),
        kind: kind(member),
        offset: member.offset as usize,
    };
    Some(members.iter().map(member).collect())
}

/// The file of crates/gpu/src/ops whose `Params` a shader reads.
fn rust_file(shader: &Shader) -> &'static str {
    match shader.name {
        "matmul" => "mod",
        "repack_words" => "repack",
        name => name,
    }
}

/// The members of each op's `Params`, by file: they are private, so they are read from the text. Words of 4 bytes in
/// `repr(C)` lie one behind the other.
fn rust_params() -> BTreeMap<String, Vec<Member>> {
    let folder = repo().join("crates/gpu/src/ops");
    let mut params = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("crates/gpu has ops") {
        let path = entry.expect("the folder can be read").path();
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let Some((before, behind)) = text
            .split_once("struct Params {\n")
            .or_else(|| text.split_once("struct ProductParams {\n"))
        else {
            continue;
        };
        assert!(
            before.trim_end().ends_with("#[repr(C)]"),
            "{}: Params are repr(C)",
            path.display()
        );
        let body = behind.split("\n}").next().unwrap_or_default();
        let fields = body
            .lines()
            .filter_map(|line| line.trim().strip_suffix(',')?.split_once(": "));
        let member = |(i, (name, kind)): (usize, (&str, &str))| {
            assert!(
                ["u32", "i32", "f32"].contains(&kind),
                "{}: {name} is no word",
                path.display()
            );
            Member {
                name: name.trim_start_matches("pub ").to_owned(),
                kind: kind.to_owned(),
                offset: 4 * i,
            }
        };
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        params.insert(stem, fields.enumerate().map(member).collect());
    }
    params
}
