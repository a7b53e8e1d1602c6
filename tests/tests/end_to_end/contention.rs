//! A hundred processes at once: nothing lost, and nobody told of locks.

use confluence_simulator::Simulator;
use tests::{Ended, Host};

use crate::site;

/// Processes at once.
const PROCESSES: usize = 100;

fn one_of_a_hundred(host: &Host, site: &Simulator, index: usize) -> Ended {
    let name = format!("c{index}");
    match index % 10 {
        // Forty add connections to one file and one store,
        0..4 => host.run_with(
            &[
                "connection",
                "add",
                &name,
                "--no-test",
                "--level",
                "cluster",
                "--site",
                &site.site_url(),
                "--user",
                "me@example.com",
            ],
            "token-4711",
            &[],
        ),
        // twenty change settings of another file,
        4 | 5 => host.run(&[
            "config",
            "set",
            &format!(
                "connections.shared{}.concurrency",
                index / 10 * 2 + index % 2
            ),
            "7",
            "--level",
            "env",
        ]),
        // ten store over the component, ten at an app each,
        6 => host.run_with(
            &[
                "--app",
                &name,
                "call",
                "setApiUrlAndAuth",
                &site.endpoint(),
                "-",
                "app",
            ],
            tests::AUTHORIZATION,
            &[],
        ),
        // ten replace the key that everything is sealed with,
        7 => host.run(&["secrets", "rotate"]),
        // and twenty call.
        _ => host.call(&["listSpaces"]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_processes_that_call_and_configure_lose_nothing() {
    let site = site().await;
    let host = Host::with_site(&site);
    let shared: String = (0..20)
        .map(|index| {
            format!(
                "# number {index}\n[connections.shared{index}]\nsite = \"https://a.atlassian.net\"\nuser = \"me\"\n"
            )
        })
        .collect();
    host.write("env/default.toml", &shared);
    let ended: Vec<Ended> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..PROCESSES)
            .map(|index| {
                let (host, site) = (&host, &site);
                scope.spawn(move || one_of_a_hundred(host, site, index))
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for ended in ended {
        assert!(
            !ended.stderr.to_lowercase().contains("locked"),
            "{ended:#?}"
        );
        ended.ok();
    }

    let listed = host
        .run(&["connection", "list", "--output", "json"])
        .ok()
        .json();
    let listed = listed.as_array().unwrap();
    for index in (0..PROCESSES).filter(|index| index % 10 < 4) {
        let name = format!("c{index}");
        let row = listed.iter().find(|row| row["name"] == *name);
        let row = row.unwrap_or_else(|| panic!("connection `{name}` is lost"));
        assert_eq!(row["token"], "stored", "{row}");
    }
    for index in (0..PROCESSES).filter(|index| index % 10 == 6) {
        host.run(&["--app", &format!("c{index}"), "call", "listSpaces"])
            .ok();
    }
    let env = host.read("env/default.toml");
    assert_eq!(env.matches("concurrency = 7").count(), 20, "{env}");
    assert_eq!(env.matches("# number").count(), 20, "{env}");
}
