//! `contract.js` and `contract.d.ts`.

use std::fmt::Write as _;

use super::MADE;
use super::wit::{Contract, Ty, camel_case, pascal_case};

/// What is needed to make a call: parameters in their order, and the fields of options.
pub(super) fn module(contract: &Contract) -> String {
    let mut out = format!("// {MADE}\n\n");
    out.push_str(
        "/** Records that callers make: each field, and its value when it is omitted. */\n\
         export const records = {\n",
    );
    // Writing to a `String` does not fail.
    for record in contract.records.iter().filter(|record| record.is_given) {
        let _ = writeln!(out, "  {}: {{", pascal_case(&record.name));
        for field in &record.fields {
            let absent = match field.ty {
                Ty::List(_) => "[]",
                Ty::Bool => "false",
                _ => "undefined",
            };
            let _ = writeln!(out, "    {}: {absent},", camel_case(&field.name));
        }
        out.push_str("  },\n");
    }
    out.push_str(
        "};\n\n/** Functions: the interface that each belongs to, and its parameters with the record that each\n \
         * takes, if it takes one. */\nexport const functions = {\n",
    );
    for function in &contract.functions {
        let _ = writeln!(out, "  {}: {{", camel_case(&function.name));
        let _ = writeln!(out, "    interface: '{}',", camel_case(function.interface));
        out.push_str("    parameters: [");
        for (index, parameter) in function.parameters.iter().enumerate() {
            let record = match parameter.ty.bare() {
                Ty::Named(name) if contract.records.iter().any(|record| record.name == *name) => {
                    format!("'{}'", pascal_case(name))
                }
                _ => "null".to_owned(),
            };
            let comma = if index == 0 { "" } else { ", " };
            let _ = write!(out, "{comma}['{}', {record}]", camel_case(&parameter.name));
        }
        out.push_str("],\n  },\n");
    }
    out.push_str("};\n");
    out
}

/// The types.
pub(super) fn declarations(contract: &Contract) -> String {
    let mut out = format!("// {MADE}\n");
    for one in &contract.enums {
        out.push('\n');
        comment(contract, &one.documentation, "", &mut out);
        let cases: Vec<String> = one.cases.iter().map(|case| format!("'{case}'")).collect();
        let _ = writeln!(
            out,
            "export type {} =\n  | {};",
            pascal_case(&one.name),
            cases.join("\n  | ")
        );
    }
    for record in &contract.records {
        out.push('\n');
        comment(contract, &record.documentation, "", &mut out);
        let _ = writeln!(out, "export interface {} {{", pascal_case(&record.name));
        for field in &record.fields {
            comment(contract, &field.documentation, "  ", &mut out);
            let mark = if record.is_given { "?" } else { "" };
            let _ = writeln!(
                out,
                "  {}{mark}: {};",
                camel_case(&field.name),
                ty(&field.ty, record.is_given)
            );
        }
        out.push_str("}\n");
    }
    out.push_str("\n/** The functions of the component. */\nexport interface Calls {\n");
    for function in &contract.functions {
        comment(contract, &function.documentation, "  ", &mut out);
        let _ = write!(out, "  {}(", camel_case(&function.name));
        if !function.parameters.is_empty() {
            let all_optional = function
                .parameters
                .iter()
                .all(|parameter| matches!(parameter.ty, Ty::Optional(_)));
            let _ = writeln!(out, "given{}: {{", if all_optional { "?" } else { "" });
            for parameter in &function.parameters {
                let mark = if matches!(parameter.ty, Ty::Optional(_)) {
                    "?"
                } else {
                    ""
                };
                let _ = writeln!(
                    out,
                    "    {}{mark}: {};",
                    camel_case(&parameter.name),
                    ty(&parameter.ty, true)
                );
            }
            out.push_str("  }");
        }
        let _ = writeln!(out, "): {};", ty(&function.answer, false));
    }
    out.push_str("}\n");
    out
}

fn ty(of: &Ty, is_given: bool) -> String {
    match of {
        Ty::Bool => "boolean".to_owned(),
        Ty::Text => "string".to_owned(),
        Ty::Small => "number".to_owned(),
        Ty::Large => "bigint".to_owned(),
        Ty::Optional(inner) => format!("{} | undefined", ty(inner, is_given)),
        Ty::List(inner) if is_given => format!("readonly {}[]", element(inner, true)),
        Ty::List(inner) => format!("{}[]", element(inner, false)),
        Ty::Tuple(types) => {
            let types: Vec<String> = types.iter().map(|one| ty(one, is_given)).collect();
            format!("[{}]", types.join(", "))
        }
        Ty::Named(name) => pascal_case(name),
    }
}

fn element(of: &Ty, is_given: bool) -> String {
    match of {
        Ty::Optional(_) => format!("({})", ty(of, is_given)),
        _ => ty(of, is_given),
    }
}

fn comment(contract: &Contract, documentation: &str, indent: &str, out: &mut String) {
    let text = contract.told(documentation, camel_case);
    let text = text.trim().replace("*/", "*\u{200b}/");
    if text.is_empty() {
        return;
    }
    if !text.contains('\n') {
        let _ = writeln!(out, "{indent}/** {text} */");
        return;
    }
    let _ = writeln!(out, "{indent}/**");
    for line in text.lines() {
        let _ = writeln!(out, "{}", format!("{indent} * {line}").trim_end());
    }
    let _ = writeln!(out, "{indent} */");
}
