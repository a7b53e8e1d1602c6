//! `_contract.py`.

use std::fmt::Write as _;

use super::MADE;
use super::wit::{Contract, Function, Ty, pascal_case, snake_case};

/// The module.
pub(super) fn module(contract: &Contract) -> String {
    let mut out = format!(
        "\"\"\"What the connector takes and answers, and its functions.\n\n{MADE}\n\"\"\"\n\n\
         from __future__ import annotations\n\n\
         from abc import ABC, abstractmethod\n\
         from collections.abc import Sequence\n\
         from typing import Any, Literal, TypedDict\n"
    );
    // Writing to a `String` does not fail.
    for one in &contract.enums {
        let cases: Vec<String> = one
            .cases
            .iter()
            .map(|case| format!("    \"{case}\",\n"))
            .collect();
        let _ = write!(
            out,
            "\n{} = Literal[\n{}]\n",
            pascal_case(&one.name),
            cases.concat()
        );
        docstring(contract, &one.documentation, "", &mut out);
    }
    for record in &contract.records {
        let total = if record.is_given { ", total=False" } else { "" };
        let _ = write!(
            out,
            "\n\nclass {}(TypedDict{total}):\n",
            pascal_case(&record.name)
        );
        docstring(contract, &record.documentation, "    ", &mut out);
        for field in &record.fields {
            let ty = ty(&field.ty, record.is_given);
            let _ = write!(out, "\n    {}: {ty}\n", snake_case(&field.name));
            docstring(contract, &field.documentation, "    ", &mut out);
        }
    }
    out.push_str(
        "\n\nclass Calls(ABC):\n    \"\"\"The functions of the component.\"\"\"\n\n    \
         @abstractmethod\n    def _call(self, interface: str, function: str, arguments: tuple[Any, ...]) -> Any:\n        \
         \"\"\"Calls a function with its arguments in their order, and answers what it does.\"\"\"\n",
    );
    for one in &contract.functions {
        function(contract, one, &mut out);
    }
    out
}

fn function(contract: &Contract, function: &Function, out: &mut String) {
    let answer = ty(&function.answer, false);
    let _ = write!(
        out,
        "\n    def {}(\n        self,\n",
        snake_case(&function.name)
    );
    for parameter in &function.parameters {
        let default = if matches!(parameter.ty, Ty::Optional(_)) {
            " = None"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "        {}: {}{default},",
            snake_case(&parameter.name),
            ty(&parameter.ty, true)
        );
    }
    let _ = writeln!(out, "    ) -> {answer}:");
    docstring(contract, &function.documentation, "        ", out);
    let names: Vec<String> = function
        .parameters
        .iter()
        .map(|parameter| format!("{},", snake_case(&parameter.name)))
        .collect();
    let _ = write!(
        out,
        "        answer: {answer} = self._call(\n            \"{}\",\n            \"{}\",\n            ({}),\n        )\n        return answer\n",
        function.interface,
        function.name,
        names.join(" ")
    );
}

/// What is given may be any sequence; what is answered is a list.
fn ty(of: &Ty, is_given: bool) -> String {
    match of {
        Ty::Bool => "bool".to_owned(),
        Ty::Text => "str".to_owned(),
        Ty::Small | Ty::Large => "int".to_owned(),
        Ty::Optional(inner) => format!("{} | None", ty(inner, is_given)),
        Ty::List(inner) if is_given => format!("Sequence[{}]", ty(inner, true)),
        Ty::List(inner) => format!("list[{}]", ty(inner, false)),
        Ty::Tuple(types) => {
            let types: Vec<String> = types.iter().map(|one| ty(one, is_given)).collect();
            format!("tuple[{}]", types.join(", "))
        }
        Ty::Named(name) => pascal_case(name),
    }
}

fn docstring(contract: &Contract, documentation: &str, indent: &str, out: &mut String) {
    let text = contract.told(documentation, snake_case);
    let text = text.trim().replace('\\', "\\\\").replace('"', "\\\"");
    if text.is_empty() {
        return;
    }
    let mut lines = text.lines();
    let _ = write!(out, "{indent}\"\"\"{}", lines.next().unwrap_or_default());
    for line in lines {
        out.push('\n');
        if !line.is_empty() {
            let _ = write!(out, "{indent}{line}");
        }
    }
    out.push_str(if text.contains('\n') {
        "\n"
    } else {
        "\"\"\"\n"
    });
    if text.contains('\n') {
        let _ = writeln!(out, "{indent}\"\"\"");
    }
}
