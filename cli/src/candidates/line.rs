//! The line that is being typed, as far as it can be read.

use clap::{Arg, Command};

use crate::list_flags::{is_flag, is_truth};

/// What stands in front of the word that is being typed.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The commands, such as `config`, `set`.
    pub(super) commands: Vec<String>,
    /// What stands behind them and is no option.
    pub(super) positional: Vec<String>,
    /// Options with their values.
    options: Vec<(String, String)>,
}

impl Line {
    /// Reads words, the program's own left away, by the commands and options that there are.
    pub(super) fn read(root: &Command, words: &[String]) -> Self {
        let mut line = Self::default();
        let mut command = root;
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            if word == "--" {
                line.positional.extend(words.by_ref().cloned());
                break;
            }
            if let Some(option) = word.strip_prefix("--") {
                if let Some((name, value)) = option.split_once('=') {
                    line.options.push((name.to_owned(), value.to_owned()));
                } else if line.takes_value(root, command, option) {
                    let value = words.next().cloned().unwrap_or_default();
                    line.options.push((option.to_owned(), value));
                } else if line.is_call() && is_flag(option) {
                    words.next_if(|word| is_truth(word));
                }
            } else if word == "-o" {
                words.next();
            } else if let Some(next) = command
                .find_subcommand(word)
                .filter(|_| line.positional.is_empty())
            {
                command = next;
                line.commands.push(word.clone());
            } else {
                line.positional.push(word.clone());
            }
        }
        line
    }

    fn takes_value(&self, root: &Command, command: &Command, name: &str) -> bool {
        let known = command
            .get_arguments()
            .chain(root.get_arguments().filter(|arg| arg.is_global_set()))
            .find(|arg| arg.get_long() == Some(name));
        match known {
            Some(arg) => takes_values(arg),
            // What no option of this program is, is an argument of the function.
            None => {
                self.is_call()
                    && !is_flag(name)
                    && !matches!(name, "all" | "csv-safe" | "help" | "receipt" | "web")
            }
        }
    }

    pub(super) fn is(&self, commands: &[&str]) -> bool {
        self.commands.iter().eq(commands)
    }

    pub(super) fn is_call(&self) -> bool {
        self.is(&["call"])
    }

    /// The options of this name, as words.
    pub(super) fn words_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.options
            .iter()
            .filter(move |(option, _)| option == name)
            .map(|(_, value)| value.as_str())
    }
}

fn takes_values(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}
