//! Templates that do not end, or grow without end, are errors within a bounded amount of work.

use std::fmt::Write;

use ggweb_chat::{Error, Inputs, Json, Template};

/// Each is refused as too much, and not as wrong.
const HOSTILE: [(&str, &str); 31] = [
    (
        "loops",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
    ),
    (
        "range",
        "{% for a in range(10**9) %}{% for b in range(10**9) %}x{% endfor %}{% endfor %}",
    ),
    ("range sum", "{{ range(10**9) | sum }}"),
    (
        "recursion",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    ),
    (
        "recursion by two",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
    ),
    (
        "recursion in arguments",
        "{% macro f(x) %}{{ f(f(x)) }}{% endmacro %}{{ f(1) }}",
    ),
    (
        "recursion by caller",
        "{% macro f() %}{{ caller() }}{% endmacro %}{% macro g() %}{% call f() %}{{ g() }}{% endcall %}{% endmacro %}{{ g() }}",
    ),
    (
        "recursion by default",
        "{% macro f(x=f()) %}{% endmacro %}{{ f() }}",
    ),
    (
        "exponential macros",
        "{% macro a() %}xxxxxxxxxx{% endmacro %}{% macro b() %}{% for i in range(999) %}{{ a() }}{% endfor %}{% endmacro %}{% for i in range(9999) %}{{ b() }}{% endfor %}",
    ),
    ("repeated", "{{ 'x' * 10**9 }}"),
    ("repeated from the left", "{{ 10**9 * 'x' }}"),
    ("repeated list", "{{ ([0] * 10**9) | length }}"),
    (
        "doubled",
        "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    ),
    (
        "doubled by ~",
        "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    ),
    (
        "doubled by a block",
        "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set s %}{{ ns.s }}{{ ns.s }}{% endset %}{% set ns.s = s %}{% endfor %}",
    ),
    (
        "doubled list",
        "{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    ),
    (
        "joined",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = ns.s.join([ns.s, ns.s]) %}{% endfor %}",
    ),
    (
        "replaced",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = ns.s | replace('x', ns.s) %}{% endfor %}",
    ),
    (
        "replaced nothing",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = ns.s.replace('', ns.s) %}{% endfor %}",
    ),
    (
        "formatted",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = '{0}{0}'.format(ns.s) %}{% endfor %}",
    ),
    (
        "formatted by %",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = '%s%s' % (ns.s, ns.s) %}{% endfor %}",
    ),
    ("formatted wide", "{{ '{:999999999}'.format('x') }}"),
    ("formatted wide by %", "{{ '%999999999d' % 1 }}"),
    ("padded", "{{ 'x'.ljust(10**10) }}"),
    ("indented", "{{ 'x\ny' | indent(10**10) }}"),
    ("tojson indented", "{{ [1] | tojson(indent=10**10) }}"),
    ("batches", "{{ [1] | batch(10**10, 0) | list | length }}"),
    (
        "escaped",
        "{% set ns = namespace(s='&') %}{% for i in range(99) %}{% set ns.s = ns.s | string | forceescape %}{% endfor %}{% for i in range(99999) %}{{ ns.s }}{% endfor %}",
    ),
    (
        "nested lists",
        "{% set ns = namespace(s=[]) %}{% for i in range(99999) %}{% set ns.s = [ns.s] %}{% endfor %}",
    ),
    (
        "searched",
        "{% set s = 'x' * 999999 %}{% for i in range(99999) %}{% if 'y' in s %}{% endif %}{% endfor %}",
    ),
    (
        "namespaces",
        "{% set ns = namespace() %}{% for i in range(99999) %}{% for j in range(99) %}{% set ns.p = namespace(p=ns.p) %}{% endfor %}{% endfor %}",
    ),
];

#[test]
fn hostile_templates_are_refused() {
    let mut slowest = (std::time::Duration::ZERO, "");
    for (name, source) in HOSTILE {
        let template = Template::parse(source).unwrap_or_else(|error| panic!("{name}: {error}"));
        let clock = std::time::SystemTime::now();
        let found = template.render(&Inputs::new(Json::Array(Vec::new())));
        let elapsed = clock.elapsed().unwrap();
        slowest = slowest.max((elapsed, name));
        assert!(
            matches!(found, Err(Error::Limit { .. })),
            "{name}: {found:?}"
        );
    }
    eprintln!("slowest: {} with {:?}", slowest.1, slowest.0);
    // 100 ms is the promise for an optimized build on a free machine; this is neither.
    assert!(
        slowest.0.as_millis() < 1000,
        "{} took {:?}",
        slowest.1,
        slowest.0
    );
}

/// Templates that nest too deep to be run are refused when they are parsed, or when they are run.
#[test]
fn deep_templates_are_refused() {
    let n = 50_000;
    let nested = [
        format!("{{{{ {}1{} }}}}", "(".repeat(n), ")".repeat(n)),
        format!("{{{{ {}1{} }}}}", "[".repeat(n), "]".repeat(n)),
        format!("{{{{ {}1 }}}}", "not ".repeat(n)),
        format!("{{{{ {}1 }}}}", "- ".repeat(n)),
        format!("{{{{ {} }}}}", "1 if 1 else ".repeat(n)),
        format!("{}{}", "{% if 1 %}".repeat(n), "{% endif %}".repeat(n)),
        format!(
            "{}{}",
            "{% for a in [1] %}".repeat(n),
            "{% endfor %}".repeat(n)
        ),
        format!("{{% set {}a{} = 1 %}}", "(".repeat(n), ")".repeat(n)),
        "{{ a is b ".repeat(n),
        format!("{{{{ {} }}}}", "a is b (".repeat(n)),
    ];
    for source in &nested {
        let found = Template::parse(source)
            .map(|template| template.render(&Inputs::new(Json::Array(Vec::new()))));
        assert!(!matches!(found, Ok(Ok(_))), "{}…: {found:?}", &source[..40]);
    }
    // Long is not deep.
    let mut long = String::from("{{ 'a'");
    for idx in 0..2000 {
        write!(long, " + 'a' ~ {idx} and 'b'[0] or '{idx}' | trim | upper").unwrap();
    }
    long.push_str(" }}");
    let found = Template::parse(&long)
        .unwrap()
        .render(&Inputs::new(Json::Array(Vec::new())));
    assert!(found.is_ok(), "{found:?}");
}
