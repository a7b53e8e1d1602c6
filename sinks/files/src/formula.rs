//! Cells that spreadsheets would run.

/// What spreadsheets take for a formula where a cell begins with it: the signs and their wide forms,
/// and white space that they skip in front of them.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether a spreadsheet would run a cell as a formula. A number is none, whatever its sign.
#[must_use]
pub fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches('\0');
    let is_number = |text: &str| {
        text.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'))
            && text.parse::<f64>().is_ok()
    };
    text.starts_with(FORMULAS) && !is_number(text)
}
