//! The JSON schema of a level's file, for editors, made of the table of settings.

use serde_json::{Map, Value, json};

use super::setting::{
    CONNECTION_FIELDS, Field, Kind, MAX_SECONDS, MIN_SECONDS, OAUTH_APP_FIELDS, SYNC_FIELDS,
    Settings,
};

/// The JSON schema (draft 2020-12) of a level's file. Editors of TOML complete and check with it.
///
/// It cannot tell which file is the cluster's, and takes what the cluster level alone may have
/// everywhere; the reader of files is stricter.
#[must_use]
pub fn json_schema(settings: Settings) -> Value {
    let mut root = object();
    for setting in settings.iter() {
        let mut property = of_kind(setting.kind);
        describe(&mut property, &setting.description());
        if let (Some(default), Some(property)) = (setting.default(), property.as_object_mut()) {
            property.insert("default".to_owned(), default.to_json());
        }
        insert(&mut root, setting.key, property);
    }
    let mut connections = records(CONNECTION_FIELDS, &["site"]);
    describe(
        &mut connections,
        "Connections by name. Tokens are stored separately, encrypted.",
    );
    insert(&mut root, "connections", connections);
    let mut apps = records(OAUTH_APP_FIELDS, &["client-id", "redirect-uri"]);
    describe(
        &mut apps,
        "OAuth apps by name. Their secrets are stored separately, encrypted.",
    );
    insert(&mut root, "oauth-apps", apps);
    let mut syncs = records(SYNC_FIELDS, &["to"]);
    describe(
        &mut syncs,
        "Syncs by name. A narrower level overrides an entire sync.",
    );
    insert(&mut root, "syncs", syncs);
    let mut marks = json!({ "type": "array", "items": { "type": "string" } });
    describe(
        &mut marks,
        "Locked settings, tables of settings, or connections (`connections.NAME`): narrower levels cannot set them.",
    );
    insert(&mut root, "locked", marks.clone());
    let mut former = marks;
    describe(&mut former, "Former name of `locked`.");
    if let Some(fields) = former.as_object_mut() {
        fields.insert("deprecated".to_owned(), json!(true));
    }
    insert(&mut root, "final", former);
    if let Some(root) = root.as_object_mut() {
        root.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        root.insert("title".to_owned(), json!("Level file of host-runner"));
        root.insert(
            "description".to_owned(),
            json!("`cluster.toml`, `env/ENV.toml` or `env/ENV/app/APP.toml`; a narrower level overrides a wider one"),
        );
    }
    root
}

fn object() -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

fn describe(property: &mut Value, documentation: &str) {
    if let Some(property) = property.as_object_mut() {
        property.insert("description".to_owned(), json!(documentation));
    }
}

/// Tables under names of their own, with these fields, of which some have to be there.
fn records(fields: &[Field], required: &[&str]) -> Value {
    let mut record = object();
    for field in fields {
        let mut property = of_kind(field.kind);
        describe(&mut property, field.documentation);
        insert(&mut record, field.key, property);
    }
    if let Some(record) = record.as_object_mut() {
        record.insert("required".to_owned(), json!(required));
    }
    json!({
        "type": "object",
        "additionalProperties": record,
        "propertyNames": { "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$" },
    })
}

fn of_kind(kind: Kind) -> Value {
    match kind {
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Number { least, most } => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Seconds => {
            json!({ "type": "number", "minimum": MIN_SECONDS, "maximum": MAX_SECONDS })
        }
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Text(_) => json!({ "type": "string" }),
        Kind::List(_) => {
            json!({ "type": "array", "items": { "type": "string" } })
        }
    }
}

/// Puts a property at a dotted path, with the tables that lead to it.
fn insert(object: &mut Value, path: &str, property: Value) {
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    match path.split_once('.') {
        None => {
            properties.insert(path.to_owned(), property);
        }
        Some((table, rest)) => insert(entry(properties, table), rest, property),
    }
}

fn entry<'a>(properties: &'a mut Map<String, Value>, table: &str) -> &'a mut Value {
    properties.entry(table).or_insert_with(self::object)
}
