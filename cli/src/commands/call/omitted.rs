//! Arguments that the contract requires, and that this program passes where they are omitted.

use host_runner::Function;

/// The function, its parameter and the value: without `archived`, `search` omits archived content.
const DEFAULTS: [(&str, &str, &str); 1] = [("search", "archived", "false")];

/// The value that is passed for a parameter that is omitted.
pub(crate) fn default_of(function: &Function, parameter: &str) -> Option<&'static str> {
    let mut defaults = DEFAULTS.into_iter();
    let found = defaults.find(|(name, of, _)| *name == function.name() && *of == parameter);
    found.map(|(_, _, value)| value)
}

/// What the help of a function says of a parameter beside its type.
pub(crate) fn note(function: &Function, parameter: &str, is_optional: bool) -> String {
    match default_of(function, parameter) {
        Some(value) => format!(" [default: {value}]"),
        None if is_optional => String::new(),
        None => ", required".to_owned(),
    }
}

/// The signature of a function, in which parameters with a default are optional.
pub(crate) fn signature(function: &Function) -> String {
    let signature = function.signature();
    let mut parameters = function.parameters().iter();
    match parameters.find(|parameter| default_of(function, parameter.name()).is_some()) {
        Some(parameter) => {
            let name = parameter.name();
            signature.replacen(&format!("{name}: "), &format!("{name}?: "), 1)
        }
        None => signature,
    }
}
