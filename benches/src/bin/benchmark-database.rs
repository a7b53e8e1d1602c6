//! A PostgreSQL server with a folder of its own: it tells a URL of it, and ends once its standard input is
//! closed.

#![allow(clippy::print_stdout, reason = "the URL is told")]

fn main() {
    let server = sink_tests::Server::start();
    println!("{}", server.url("bench"));
    for _ in std::io::stdin().lines() {}
}
