//! Progress bars, on a terminal only.

use crate::steps::News;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::collections::HashMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Mutex;

/// Shows what the steps tell; says nothing when stderr is not a terminal.
pub struct Progress {
    bars: MultiProgress,
    named: Mutex<HashMap<&'static str, ProgressBar>>,
}

const COUNTED: &str = "{prefix:>10}  {wide_bar} {human_pos} of {human_len}  {rate}, {eta} left";
const OPEN: &str = "{prefix:>10}  {spinner} {human_pos} {msg}  {rate}";

impl Progress {
    pub fn new() -> Self {
        let target =
            if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Progress { bars: MultiProgress::with_draw_target(target), named: Mutex::default() }
    }

    pub fn tell(&self, news: News) {
        match news {
            News::Harvested { side, pages, records, complete_list_size } => {
                self.show(side, records, complete_list_size, format!("records, {pages} pages"));
            }
            News::HarvestEnded { side } => self.end(side),
            News::Begun { .. } => {}
            News::Asked { done, of } => self.show("ask", done, Some(of), String::new()),
            News::Prepared { done, of } => self.show("prepare", done, Some(of), String::new()),
            News::Staged { done, of } => self.show("stage", done, Some(of), String::new()),
            News::Applied { done, of } => self.show("apply", done, Some(of), String::new()),
        }
    }

    /// Shows how many are done, of how many.
    pub fn count(&self, name: &'static str, done: u64, of: u64) {
        self.show(name, done, Some(of), String::new());
    }

    /// Says something beside the bars.
    pub fn say(&self, words: &str) {
        self.bars.suspend(|| super::complain(words));
    }

    fn show(&self, name: &'static str, done: u64, of: Option<u64>, message: String) {
        let mut named = self.named.lock().expect("drawing does not panic");
        let bar = named.entry(name).or_insert_with(|| {
            let bar = self.bars.add(ProgressBar::new(of.unwrap_or(0)));
            let template = if of.is_some() { COUNTED } else { OPEN };
            let style = ProgressStyle::with_template(template).expect("the template is ours");
            bar.set_style(style.with_key("rate", rate));
            bar.set_prefix(name);
            bar
        });
        if let Some(of) = of {
            bar.set_length(of.max(done));
        }
        bar.set_message(message);
        bar.set_position(done);
    }

    fn end(&self, name: &'static str) {
        if let Some(bar) = self.named.lock().expect("drawing does not panic").remove(name) {
            bar.finish_and_clear();
        }
    }
}

/// Whole records a second; nobody needs the fractions.
fn rate(state: &ProgressState, out: &mut dyn Write) {
    // A bar that cannot be drawn is no failure.
    let _ = write!(out, "{:.0} a second", state.per_sec());
}

impl Drop for Progress {
    fn drop(&mut self) {
        // A failure to clear the lines of a terminal that is gone concerns nobody.
        let _ = self.bars.clear();
    }
}
