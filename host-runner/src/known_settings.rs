//! All settings of this library: the tables of its modules, joined.

use host_levels::{CONNECTION_SETTINGS, SITE_SETTINGS, Settings};

use crate::{
    call, component, custom_content, download, engine, limits, oauth, outbound, permits, secret,
    syncs,
};

/// All settings that a level's file may have, except for connections and `final`.
pub static SETTINGS: Settings = Settings::new(&[
    CONNECTION_SETTINGS,
    custom_content::SETTINGS,
    component::SETTINGS,
    limits::SETTINGS,
    engine::SETTINGS,
    permits::SETTINGS,
    call::SETTINGS,
    SITE_SETTINGS,
    outbound::SETTINGS[0],
    outbound::SETTINGS[1],
    outbound::SETTINGS[2],
    outbound::SETTINGS[3],
    download::SETTINGS,
    oauth::SETTINGS,
    secret::SETTINGS,
    syncs::SETTINGS,
]);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::HashSet;
    use std::path::Path;

    use host_levels::{Level, LevelFile, Problem, ProblemKind, Scope};

    use super::SETTINGS;
    use crate::limits::Limits;

    fn parse(text: &str) -> Result<LevelFile, Vec<Problem>> {
        let cluster = Scope::default().path(Level::Cluster);
        LevelFile::parse(SETTINGS, text, &cluster, Path::new("x.toml"))
            .map_err(|error| error.problems().to_vec())
    }

    #[test]
    fn every_key_is_in_one_table_alone() {
        let keys: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }

    #[test]
    fn every_default_is_a_value_that_a_file_may_have() {
        for setting in SETTINGS.iter() {
            let Some(default) = setting.default() else {
                continue;
            };
            parse(&format!("{} = {}\n", setting.key, default.to_json())).unwrap();
        }
    }

    #[test]
    fn the_tables_and_the_limits_have_the_same_defaults() {
        let number = |key: &str| SETTINGS.find(key).unwrap().default().unwrap().to_json();
        let limits = Limits::default();
        assert_eq!(number("limits.memory-mib"), limits.memory_bytes >> 20);
        assert_eq!(number("limits.answer-mib"), limits.answer_bytes >> 20);
        assert_eq!(number("limits.handles"), limits.handles);
        assert_eq!(number("limits.table-elements"), limits.table_elements);
        for (key, duration) in [
            ("limits.call-seconds", limits.call),
            ("limits.connect-seconds", limits.connect),
            ("limits.first-byte-seconds", limits.first_byte),
            ("limits.between-bytes-seconds", limits.between_bytes),
        ] {
            assert_eq!(number(key), duration.as_secs_f64(), "{key}");
        }
    }

    #[test]
    fn a_digest_of_another_algorithm_is_refused_with_what_belongs_there() {
        let problem = parse("component.digest = \"md5:1\"").unwrap_err().remove(0);
        assert_eq!(problem.kind(), ProblemKind::WrongValue);
        assert!(problem.message().contains("embedded"), "{problem}");
    }

    #[test]
    fn a_secret_in_a_settings_value_is_refused_and_not_repeated() {
        let key = "MC4CAQAwBQYDK2VwBCIEIJsesameOpenSesameOpenSesameOpenSesameOp";
        for text in [
            "network.proxy = \"http://me:sesame@proxy.example.com:3128\"\n",
            "network.proxy = \"http://me:sesame word@proxy.example.com:3128\"\n",
            "network.proxy = [\"http://me:sesame@proxy.example.com:3128\"]\n",
            "network.allow-hosts = [\"https://me:sesame@api.example.com\"]\n",
            "network.allow-hosts = [\n  \"https://me:sesame@api.example.com\",\n]\n",
            "network = { proxy = \"http://me:sesame@x:1\", requests-per-second = 0 }\n",
            "network = { requests-per-second = 0, proxy = \"http://me:sesame@x:1\" }\n",
            &format!("component.signed-by = [\"{key}\"]\n"),
            &format!(
                "component.signed-by = [\"\"\"-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n\"\"\"]\n"
            ),
        ] {
            for problem in parse(text).unwrap_err() {
                let said = format!("{problem} {:?} {:?}", problem.fix(), problem.excerpt());
                assert!(!said.to_lowercase().contains("sesame"), "{said}");
            }
        }
        let text = "[network]\n  allow-hosts = [\"https://me:sesame@x\"]\n";
        let problem = parse(text).unwrap_err().remove(0);
        assert_eq!(problem.location(), "x.toml:2:17");
        assert_eq!(
            problem.excerpt().unwrap(),
            "2 |   allow-hosts\n  |   ^^^^^^^^^^^"
        );
    }
}
