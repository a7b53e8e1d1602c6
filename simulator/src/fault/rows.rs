//! Faults that change rows.
//!
//! Only these answers are read back into values: nobody measures them.

use serde_json::{Map, Value, json};

use super::Fault;

/// The rows with the fault's distortion, each as JSON. `None`: the fault changes no rows.
pub(crate) fn distort(
    fault: &Fault,
    credential: Option<&str>,
    rows: &[&[u8]],
) -> Option<Vec<Vec<u8>>> {
    let change: fn(&mut Map<String, Value>) = match fault {
        Fault::NullFields => nulls,
        Fault::UnknownFields => unknown_fields,
        Fault::UnknownWords => unknown_words,
        Fault::NumericIds => numeric_ids,
        Fault::BadRow | Fault::Drafts | Fault::EchoCredential | Fault::EchoInBody => |_| {},
        _ => return None,
    };
    let mut values: Vec<Value> = rows
        .iter()
        .map(|row| serde_json::from_slice(row).unwrap_or(Value::Null))
        .collect();
    for value in &mut values {
        if let Value::Object(fields) = value {
            change(fields);
        }
    }
    match fault {
        Fault::EchoCredential | Fault::EchoInBody => {
            if let Some(Value::Object(fields)) = values.first_mut() {
                fields.insert("echo".to_owned(), json!(credential));
            }
        }
        Fault::Drafts => {
            for value in values.iter_mut().skip(1).step_by(2) {
                if let Value::Object(fields) = value {
                    fields.insert("status".to_owned(), json!("draft"));
                }
            }
        }
        Fault::BadRow => {
            if let Some(Value::Object(fields)) = values.first_mut() {
                fields.remove("id");
            }
            // In the middle, so that good rows stand before and after.
            values.insert(values.len() / 2, json!("not a row"));
        }
        _ => {}
    }
    Some(
        values
            .iter()
            .map(|value| value.to_string().into_bytes())
            .collect(),
    )
}

fn nulls(fields: &mut Map<String, Value>) {
    for (name, value) in fields {
        if name != "id" {
            *value = Value::Null;
        }
    }
}

fn unknown_fields(fields: &mut Map<String, Value>) {
    fields.insert("zzNumber".to_owned(), json!(9_007_199_254_740_993_u64));
    fields.insert("zzFraction".to_owned(), json!(-1.5e300));
    fields.insert(
        "zzNested".to_owned(),
        json!({"id": "999", "results": [[], {}, [null, true, "\u{0}"]]}),
    );
    fields.insert(String::new(), json!("a name that is empty"));
    fields.insert("with space & \"quotes\"".to_owned(), json!([]));
}

/// Types of custom content are their apps' words, and no vocabulary.
fn unknown_words(fields: &mut Map<String, Value>) {
    const WORDS: [&str; 9] = [
        "accountType",
        "managedBy",
        "parentType",
        "prefix",
        "resolutionStatus",
        "status",
        "subtype",
        "type",
        "usageType",
    ];
    for (name, value) in fields {
        match value {
            Value::String(word) if WORDS.contains(&name.as_str()) && !word.contains(':') => {
                *word = format!("new-{word}");
            }
            Value::Object(inner) if name == "principal" => {
                unknown_words(inner);
            }
            _ => {}
        }
    }
}

fn numeric_ids(fields: &mut Map<String, Value>) {
    for (name, value) in fields {
        let number = value.as_str().and_then(|text| text.parse::<u64>().ok());
        if let (true, Some(number)) = (name == "id" || name.ends_with("Id"), number) {
            *value = json!(number);
        }
    }
}
