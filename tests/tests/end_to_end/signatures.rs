//! Levels that run signed components alone: keys, signatures, and what is refused.

use std::path::Path;

use host_runner::Digest;
use tests::{Ended, Host};

use crate::site;

/// The cluster's file, which everything here is about.
const CLUSTER: &str = "cluster.toml";

/// The connector with something in it that makes its digest another one.
fn variant(mark: u8) -> Vec<u8> {
    let mut bytes = host_runner::embedded_component().to_vec();
    bytes.extend([0, 3, 1, b'x', mark]);
    bytes
}

/// A host, and a component's file in its folder.
struct Signers {
    host: Host,
    component: String,
}

impl Signers {
    fn new() -> Self {
        let host = Host::new();
        let component = host.state().join("one.wasm").display().to_string();
        std::fs::write(&component, variant(1)).unwrap();
        Self { host, component }
    }

    fn path(&self, name: &str) -> String {
        self.host.state().join(name).display().to_string()
    }

    /// A new key in the file `name`; answers the public half.
    fn key(&self, name: &str) -> String {
        let ended = self
            .host
            .run(&["component", "keygen", &self.path(name)])
            .ok();
        assert_eq!(ended.stdout.lines().count(), 1, "{ended:#?}");
        ended.stdout.trim().to_owned()
    }

    fn sign(&self, component: &str, key: &str) -> Ended {
        let key = self.path(key);
        self.host
            .run(&["component", "sign", component, "--key", &key])
    }

    /// Makes the cluster level trust these keys, for everybody.
    fn trust(&self, keys: &[&str]) {
        let keys = match keys {
            [] => "[]".to_owned(),
            keys => keys.join(","),
        };
        let words = ["config", "set", "component.signed-by", &keys];
        self.host
            .run(&[&words[..], &["--level", "cluster", "--lock"]].concat())
            .ok();
    }

    /// The line of the cluster's file that demands a signature, as messages name it.
    fn demand(&self) -> String {
        let text = self.host.read(CLUSTER);
        let line = text.lines().position(|line| line.starts_with("signed-by"));
        format!("{CLUSTER}:{}", line.expect("a signature is demanded") + 1)
    }

    fn load(&self, words: &[&str]) -> Ended {
        self.host.run(&[&["component", "load"], words].concat())
    }

    fn stored(&self, extension: &str) -> std::path::PathBuf {
        let digest = Digest::of(&variant(1)).hex();
        let folder = self.host.state().join("components");
        folder.join(format!("{digest}.{extension}"))
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_component_runs_where_its_signer_is_trusted() {
    let site = site().await;
    let signers = Signers::new();
    signers
        .host
        .set(&site.endpoint(), tests::AUTHORIZATION, "app")
        .ok();
    let (ours, other) = (signers.key("ours.pem"), signers.key("other.pem"));
    signers.trust(&[&other, &ours]);
    signers
        .sign(&signers.component, "ours.pem")
        .fails(0, &[&ours]);
    signers.load(&[&signers.component]).ok();
    signers.host.call(&["listSpaces"]).ok();
    // Whatever else is loaded: the signature stays with the component.
    let digest = Digest::of(&variant(1)).to_string();
    signers.load(&["embedded"]).ok();
    signers.load(&[&digest, "--level", "env"]).ok();
    // Under another name, and to a second level that trusts the other signer alone.
    let elsewhere = signers.path("release.sig");
    std::fs::rename(signers.path("one.wasm.sig"), &elsewhere).unwrap();
    signers
        .load(&[&signers.component, "--signature", &elsewhere])
        .ok();
    signers.trust(&[&other]);
    signers
        .host
        .run(&["functions"])
        .fails(28, &["which is not trusted"]);
    signers.sign(&signers.component, "other.pem").ok();
    signers.load(&[&signers.component]).ok();
    signers.trust(&[&ours]);
    signers.host.run(&["functions"]).ok();
}

#[test]
fn a_component_without_a_signature_is_refused_with_the_line_that_demands_one() {
    let signers = Signers::new();
    let ours = signers.key("ours.pem");
    // Loaded while nobody demanded anything.
    signers.load(&[&signers.component]).ok();
    signers.host.run(&["functions"]).ok();
    signers.trust(&[&ours]);
    let digest = Digest::of(&variant(1)).to_string();
    let told = [
        "has no signature",
        &digest,
        "level `cluster`",
        &signers.demand(),
    ];
    signers.host.run(&["functions"]).fails(28, &told);
    signers
        .host
        .call(&["listSpaces"])
        .fails(28, &["has no signature"]);
    let doctor = signers.host.run(&["doctor", "--offline"]).fails(29, &[]);
    assert!(doctor.stdout.contains("has no signature"), "{doctor:#?}");
    let before = signers.host.read("env/default.toml");
    signers
        .load(&[&signers.component, "--level", "env"])
        .fails(28, &told);
    assert_eq!(signers.host.read("env/default.toml"), before);
    signers
        .load(&[&signers.component, "--signature", "/no/such.sig"])
        .fails(2, &["/no/such.sig"]);
}

#[test]
fn a_strangers_signature_is_refused_by_name() {
    let signers = Signers::new();
    let (ours, other) = (signers.key("ours.pem"), signers.key("other.pem"));
    signers.trust(&[&ours]);
    signers.sign(&signers.component, "other.pem").ok();
    signers
        .load(&[&signers.component])
        .fails(28, &[&other, "which is not trusted", &signers.demand()]);
}

#[test]
fn a_file_that_was_changed_after_it_was_signed_is_refused() {
    let signers = Signers::new();
    let ours = signers.key("ours.pem");
    signers.trust(&[&ours]);
    signers.sign(&signers.component, "ours.pem").ok();
    let signed = std::fs::read(&signers.component).unwrap();
    for at in [signed.len() / 2, signed.len() - 1] {
        let mut changed = signed.clone();
        changed[at] ^= 1;
        std::fs::write(&signers.component, &changed).unwrap();
        let ended = signers.load(&[&signers.component]);
        if at + 1 == signed.len() {
            ended.fails(28, &["does not fit", "changed after it was signed", &ours]);
        } else {
            // Such a flip may break the file itself, which is told first.
            assert_eq!(ended.code, 28, "{ended:#?}");
        }
    }
    assert!(!signers.stored("wasm").exists());
    // Somebody who can write the state folder puts another signature there.
    std::fs::write(&signers.component, &signed).unwrap();
    signers.load(&[&signers.component]).ok();
    let sound = std::fs::read_to_string(signers.stored("sig")).unwrap();
    let (key, base64) = sound.split_once(' ').unwrap();
    let forged: String = base64.chars().rev().collect();
    for (there, words) in [
        (
            format!(
                "{key} {}",
                base64.replacen(|c: char| c.is_ascii_lowercase(), "Z", 1)
            ),
            "does not fit",
        ),
        (forged, "cannot be read"),
        (String::new(), "cannot be read"),
        ("x".repeat(10_000), "cannot be read"),
    ] {
        std::fs::write(signers.stored("sig"), there).unwrap();
        signers
            .host
            .run(&["functions"])
            .fails(28, &[words, &signers.demand()]);
    }
    std::fs::remove_file(signers.stored("sig")).unwrap();
    signers
        .host
        .run(&["functions"])
        .fails(28, &["has no signature"]);
    std::fs::write(signers.stored("sig"), sound).unwrap();
    signers.host.run(&["functions"]).ok();
    // The same bytes with another digest's name are told as that, before any signature.
    let mut changed = signed;
    let last = changed.len() - 1;
    changed[last] ^= 1;
    std::fs::write(signers.stored("wasm"), changed).unwrap();
    signers
        .host
        .run(&["functions"])
        .fails(28, &["no longer the component"]);
}

#[test]
fn a_signature_that_is_none_is_not_stored() {
    let signers = Signers::new();
    let beside = signers.path("one.wasm.sig");
    for text in ["", "untrusted comment: signature", &"A".repeat(5000)] {
        std::fs::write(&beside, text).unwrap();
        signers
            .load(&[&signers.component])
            .fails(28, &["is not stored", "component sign"]);
    }
    assert!(!signers.stored("wasm").exists() && !signers.stored("sig").exists());
    // Nobody has to demand anything for a signature of another file to be refused.
    signers.key("ours.pem");
    let other = signers.path("two.wasm");
    std::fs::write(&other, variant(2)).unwrap();
    signers.sign(&other, "ours.pem").ok();
    signers
        .load(&[
            &signers.component,
            "--signature",
            &signers.path("two.wasm.sig"),
        ])
        .fails(28, &["is not stored", "does not fit"]);
    assert!(!signers.stored("wasm").exists());
}

#[test]
fn a_level_whose_load_is_refused_takes_no_signature_from_another() {
    let signers = Signers::new();
    let ours = signers.key("ours.pem");
    signers.key("theirs.pem");
    signers.trust(&[&ours]);
    signers.sign(&signers.component, "ours.pem").ok();
    signers.load(&[&signers.component, "--level", "env"]).ok();
    let sound = std::fs::read(signers.stored("sig")).unwrap();
    let other = |words: &[&str]| {
        let words = [
            &["--env", "test", "--app", "evil", "component", "load"],
            words,
        ]
        .concat();
        signers.host.run(&words)
    };
    let junk = signers.path("junk.sig");
    std::fs::write(&junk, [0x5a; 64]).unwrap();
    other(&[&signers.component, "--signature", &junk]).fails(28, &["fits none"]);
    assert_eq!(std::fs::read(signers.stored("sig")).unwrap(), sound);
    // Nor is a file stored that nobody signed.
    let unsigned = signers.path("two.wasm");
    std::fs::write(&unsigned, variant(2)).unwrap();
    other(&[&unsigned, "--signature", &junk]).fails(28, &["fits none"]);
    other(&[&unsigned]).fails(28, &["has no signature"]);
    let list = signers.host.run(&["component", "list", "--output", "json"]);
    let digest = Digest::of(&variant(2)).to_string();
    assert!(!list.ok().stdout.contains(&digest));
    // More than one file has room for, all by strangers: those that are there stay.
    let mut many = String::new();
    for number in 0..16 {
        let name = format!("{number}.pem");
        signers.key(&name);
        signers.sign(&signers.component, &name).ok();
        many.push_str(&std::fs::read_to_string(signers.path("one.wasm.sig")).unwrap());
    }
    std::fs::write(&junk, many).unwrap();
    other(&[&signers.component, "--signature", &junk]).fails(28, &["maximum number of signatures"]);
    assert_eq!(std::fs::read(signers.stored("sig")).unwrap(), sound);
    signers.host.run(&["functions"]).ok();
}

#[test]
fn a_signature_without_a_name_is_kept_beside_those_that_have_one() {
    let signers = Signers::new();
    let (ours, other) = (signers.key("ours.pem"), signers.key("other.pem"));
    signers.sign(&signers.component, "ours.pem").ok();
    signers.load(&[&signers.component]).ok();
    signers.sign(&signers.component, "other.pem").ok();
    let named = std::fs::read_to_string(signers.path("one.wasm.sig")).unwrap();
    let nameless = named.split_once(' ').unwrap().1;
    std::fs::write(signers.path("one.wasm.sig"), nameless).unwrap();
    signers.load(&[&signers.component]).ok();
    for key in [&ours, &other] {
        signers.trust(&[key]);
        signers.host.run(&["functions"]).ok();
    }
}

#[test]
fn who_may_write_an_app_level_alone_cannot_run_a_component_of_their_own() {
    let signers = Signers::new();
    let (ours, theirs) = (signers.key("ours.pem"), signers.key("theirs.pem"));
    signers.trust(&[&ours]);
    signers.sign(&signers.component, "theirs.pem").ok();
    let app = "env/default/app/default.toml";
    for text in [
        "component.signed-by = []\n".to_owned(),
        format!("component.signed-by = [\"{theirs}\"]\n"),
    ] {
        signers.host.write(app, &text);
        signers
            .load(&[&signers.component])
            .fails(27, &["is locked by level `cluster`"]);
    }
    // An empty list trusts nobody, and the program's own component is part of the program.
    signers.host.write(app, "");
    signers.trust(&[]);
    signers
        .load(&[&signers.component])
        .fails(28, &["which is not trusted"]);
    signers.load(&["embedded"]).ok();
    signers.host.run(&["functions"]).ok();
    // What is no key is told where it stands.
    signers
        .host
        .write(CLUSTER, "\ncomponent.signed-by = [\"sesame\"]\n");
    signers.host.run(&["functions"]).fails(
        27,
        &["`sesame` is not a valid public key", "cluster.toml:2"],
    );
}

#[cfg(unix)]
#[test]
fn a_private_key_is_its_owners_alone_and_is_never_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let signers = Signers::new();
    let ours = signers.key("ours.pem");
    let path = signers.host.state().join("ours.pem");
    assert_eq!(mode(&path), 0o600);
    let pem = std::fs::read_to_string(&path).unwrap();
    let secret = pem.lines().nth(1).unwrap().to_owned();
    let again = signers
        .host
        .run(&["component", "keygen", &path.display().to_string()])
        .fails(24, &["already exists"]);
    assert!(again.stdout.is_empty());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), pem);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let exposed = signers
        .sign(&signers.component, "ours.pem")
        .fails(24, &["mode 640", "chmod 600"]);
    assert!(!format!("{exposed:?}").contains(&secret));
    assert!(!Path::new(&signers.path("one.wasm.sig")).exists());
    // From standard input, wherever it is kept.
    let words = ["component", "sign", &signers.component, "--key", "-"];
    signers.host.run_with(&words, &pem, &[]).fails(0, &[&ours]);
    for (text, told) in [
        ("", "not a private key in PEM"),
        (secret.as_str(), "not a private key in PEM"),
        (&pem.replace("MC4C", "MC5C"), "not an Ed25519 key"),
    ] {
        let ended = signers.host.run_with(&words, text, &[]).fails(24, &[told]);
        assert!(!format!("{ended:?}").contains(&secret), "{ended:#?}");
    }
    signers
        .host
        .run(&["component", "sign", &signers.path("ours.pem"), "--key", "-"])
        .fails(28, &["not WebAssembly"]);
}

#[test]
fn openssl_verifies_our_signatures_and_we_verify_its() {
    let openssl = |words: &[&str]| {
        std::process::Command::new("openssl")
            .args(words)
            .output()
            .ok()
    };
    // Where there is no openssl of version 3, nothing can be said about it.
    let is_there =
        openssl(&["version"]).is_some_and(|output| output.stdout.starts_with(b"OpenSSL 3"));
    if !is_there {
        return;
    }
    let signers = Signers::new();
    let run = |words: &[&str]| {
        let output = openssl(words).unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
    };
    // Their key, their signature.
    let [theirs, public, raw] =
        ["theirs.pem", "theirs.pub", "raw.sig"].map(|name| signers.path(name));
    run(&["genpkey", "-algorithm", "ed25519", "-out", &theirs]);
    run(&["pkey", "-in", &theirs, "-pubout", "-out", &public]);
    let sign = ["pkeyutl", "-sign", "-rawin", "-inkey"];
    run(&[
        &sign[..],
        &[&theirs, "-in", &signers.component, "-out", &raw],
    ]
    .concat());
    let pem = std::fs::read_to_string(&public).unwrap();
    signers.host.write(
        CLUSTER,
        &format!("component.signed-by = [\"\"\"{pem}\"\"\"]\n"),
    );
    signers
        .load(&[&signers.component, "--signature", &raw])
        .ok();
    signers.host.run(&["functions"]).ok();
    // Our key and our signature.
    signers.key("ours.pem");
    let ours = signers.path("ours.pem");
    run(&["pkey", "-in", &ours, "-pubout", "-out", &public]);
    signers.sign(&signers.component, "ours.pem").ok();
    let text = std::fs::read_to_string(signers.path("one.wasm.sig")).unwrap();
    let base64 = text.split_once(' ').unwrap().1.trim();
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(base64)
        .unwrap();
    std::fs::write(&raw, bytes).unwrap();
    let verify = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", &public];
    run(&[&verify[..], &["-in", &signers.component, "-sigfile", &raw]].concat());
}
