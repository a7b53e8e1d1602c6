//! The master key: where it comes from, and how it is replaced.

use tests::{AUTHORIZATION, Host};

use crate::site;

/// Base64 of 32 bytes of ones, and of twos.
const ONES: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const TWOS: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_seals_everything_with_a_new_key() {
    let site = site().await;
    let host = Host::with_site(&site);
    let key = || std::fs::read(host.state().join("key")).unwrap();
    let old = key();
    host.run(&["secrets", "rotate"])
        .fails(0, &["1 secret is encrypted", "key"]);
    assert_ne!(key(), old);
    assert!(!host.state().join("key.next").exists());
    host.call(&["listSpaces"]).ok();
    // The old key opens nothing any more.
    std::fs::write(host.state().join("key"), old).unwrap();
    host.call(&["listSpaces"])
        .fails(24, &["does not decrypt", "nothing was changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_from_a_variable_is_replaced_by_one_that_is_given() {
    let site = site().await;
    let host = Host::fresh();
    let with = |key: &str, words: &[&str], stdin: &str| {
        host.run_with(words, stdin, &[("HOST_RUNNER_KEY", key)])
    };
    let set = ["call", "setApiUrlAndAuth", &site.endpoint(), "-", "app"];
    with(ONES, &set, AUTHORIZATION).ok();
    assert!(!host.state().join("key").exists());
    with(ONES, &["secrets", "rotate"], "").fails(24, &["--new-key"]);
    with(ONES, &["secrets", "rotate", "--new-key", TWOS], "").fails(2, &["@FILE"]);
    with(ONES, &["secrets", "rotate", "--new-key", "-"], "short").fails(24, &["base64"]);
    with(ONES, &["call", "listSpaces"], "").ok();
    with(ONES, &["secrets", "rotate", "--new-key", "-"], TWOS).fails(0, &["set `HOST_RUNNER_KEY`"]);
    with(ONES, &["call", "listSpaces"], "").fails(24, &["HOST_RUNNER_KEY", "does not decrypt"]);
    with(TWOS, &["call", "listSpaces"], "").ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_from_a_named_file_is_replaced_there() {
    let site = site().await;
    let host = Host::fresh();
    let path = host.state().join("mounted.key");
    let shown = path.display().to_string();
    let with = |words: &[&str], stdin: &str| {
        host.run_with(words, stdin, &[("HOST_RUNNER_KEY_FILE", &shown)])
    };
    // A file that is not there is not made: its name may be mistyped.
    with(&["call", "listSpaces"], "").fails(24, &["mounted.key", "HOST_RUNNER_KEY_FILE"]);
    assert!(!path.exists());
    std::fs::write(&path, format!("{ONES}\n")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
        mode(0o644).unwrap();
        with(&["call", "listSpaces"], "").fails(24, &["chmod 600"]);
        mode(0o640).unwrap();
        // Root alone can give the file to a group that it is not in.
        let _ = std::os::unix::fs::chown(&path, None, Some(4712));
    }
    #[cfg(unix)]
    let before = std::fs::metadata(&path).unwrap();
    let set = ["call", "setApiUrlAndAuth", &site.endpoint(), "-", "app"];
    with(&set, AUTHORIZATION).ok();
    with(&["secrets", "rotate"], "").fails(0, &["mounted.key"]);
    assert_ne!(std::fs::read_to_string(&path).unwrap().trim(), ONES);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let after = std::fs::metadata(&path).unwrap();
        assert_eq!((after.gid(), after.mode()), (before.gid(), before.mode()));
    }
    with(&["call", "listSpaces"], "").ok();
    host.run_with(
        &["call", "listSpaces"],
        "",
        &[("HOST_RUNNER_KEY_FILE", &shown), ("HOST_RUNNER_KEY", ONES)],
    )
    .fails(24, &["both set"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_several_state_folders_share_is_lost_to_none_of_them() {
    let site = site().await;
    let (one, other) = (Host::fresh(), Host::fresh());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.key");
    std::fs::write(&path, ONES).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let shown = path.display().to_string();
    let file = [("HOST_RUNNER_KEY_FILE", shown.as_str())];
    let set = ["call", "setApiUrlAndAuth", &site.endpoint(), "-", "app"];
    for host in [&one, &other] {
        host.run_with(&set, AUTHORIZATION, &file).ok();
    }
    let rotated = one.run_with(&["secrets", "rotate"], "", &file).ok();
    let names = || -> Vec<String> {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".old-")).collect()
    };
    let [old] = names().try_into().unwrap();
    assert!(rotated.stderr.contains(&old), "{rotated:#?}");
    let old = folder.path().join(old);
    assert_eq!(std::fs::read_to_string(&old).unwrap().trim(), ONES);
    one.run_with(&["call", "listSpaces"], "", &file).ok();
    other
        .run_with(&["call", "listSpaces"], "", &file)
        .fails(24, &["does not decrypt", "nothing was changed"]);
    // As the note says.
    let with_old = [("HOST_RUNNER_KEY", ONES)];
    let new = format!("@{shown}");
    other
        .run_with(&["secrets", "rotate", "--new-key", &new], "", &with_old)
        .ok();
    other.run_with(&["call", "listSpaces"], "", &file).ok();
    // Another rotation keeps another key, and the first one with it.
    one.run_with(&["secrets", "rotate"], "", &file).ok();
    assert_eq!(names().len(), 2);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_is_a_link_is_not_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = site().await;
    let host = Host::fresh();
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("real.key"), folder.path().join("link"));
    std::fs::write(&path, ONES).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let shown = link.display().to_string();
    let file = [("HOST_RUNNER_KEY_FILE", shown.as_str())];
    let set = ["call", "setApiUrlAndAuth", &site.endpoint(), "-", "app"];
    host.run_with(&set, AUTHORIZATION, &file).ok();
    host.run_with(&["secrets", "rotate"], "", &file)
        .fails(24, &["is a link to", "real.key"]);
    assert!(link.is_symlink());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), ONES);
    host.run_with(&["call", "listSpaces"], "", &file).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_named_without_a_folder_is_replaced_in_the_current_one() {
    let site = site().await;
    let host = Host::fresh();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("k.txt"), ONES).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.path().join("k.txt"), private).unwrap();
    }
    let status = host
        .command()
        .args(["secrets", "rotate"])
        .env("HOST_RUNNER_KEY_FILE", "k.txt")
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(!folder.path().join("k.txt.next").exists());
    drop(site);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_is_told_and_no_other_is_made() {
    let site = site().await;
    let host = Host::with_site(&site);
    std::fs::remove_file(host.state().join("key")).unwrap();
    host.call(&["listSpaces"])
        .fails(24, &["does not decrypt", "key"]);
    assert!(!host.state().join("key").exists());
}
