//! Keeps what a harvest brings: one thread writes into the store, while others read pages and wait for servers.

use super::super::{Go, News, Tell};
use crate::failure::{Failure, Kind, stated};
use crate::model::fingerprint::{Fingerprint, FingerprintSet};
use crate::model::record::Record;
use crate::model::time::Timestamp;
use crate::model::window::{Tally, Window};
use crate::oai::harvest::Keeper;
use crate::oai::page::Page;
use crate::staging::crash_point;
use crate::store::Store;
use crate::store::feeds::{FeedId, Side};
use crate::store::ledger::List;
use crate::store::pages::ReadyPage;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Pages that may wait for the writer; beyond them the readers wait.
pub(super) const WAITING: usize = 8;
/// Pages that become durable together.
const TOGETHER: usize = 16;

pub(super) enum Message {
    Page(Box<ReadyPage>),
    Windows(Vec<Window>),
    /// To be answered once everything before it is stored.
    Flush(SyncSender<()>),
}

/// Writes until every sender has gone. Pages that wait together are stored together.
pub(super) fn write(
    store: &mut Store,
    feed: FeedId,
    list: &List,
    messages: &Receiver<Message>,
    now: Timestamp,
) -> Result<(), Failure> {
    while let Ok(first) = messages.recv() {
        let mut pages = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next.take() {
            match message {
                Message::Page(page) => pages.push(*page),
                other => {
                    commit(store, feed, list, &mut pages, now)?;
                    match other {
                        Message::Windows(windows) => store.save_windows(feed, list.id, &windows)?,
                        // Nobody may wait any more; then nobody needs the answer.
                        Message::Flush(answer) => drop(answer.send(())),
                        Message::Page(_) => unreachable!("pages were matched before"),
                    }
                }
            }
            if pages.len() < TOGETHER {
                next = messages.try_recv().ok();
            }
        }
        commit(store, feed, list, &mut pages, now)?;
    }
    Ok(())
}

fn commit(
    store: &mut Store,
    feed: FeedId,
    list: &List,
    pages: &mut Vec<ReadyPage>,
    now: Timestamp,
) -> Result<(), Failure> {
    if pages.is_empty() {
        return Ok(());
    }
    store.store_pages(feed, list, pages, now)?;
    pages.drain(..).for_each(|_| crash_point("page"));
    Ok(())
}

/// What this run has brought, each identifier counted once.
#[derive(Default)]
struct Brought {
    identifiers: FingerprintSet,
    tally: Tally,
    /// What earlier runs brought, by window, as long as the window did not begin again.
    before: HashMap<u64, Tally>,
}

impl Brought {
    fn all(&self) -> Tally {
        let mut all = self.tally;
        self.before.values().for_each(|tally| all.add(tally));
        all
    }
}

/// The keeper of one feed's list.
pub(super) struct StoreKeeper<'a> {
    pub side: Side,
    pub feed: FeedId,
    /// Whether most records are new, so that they are worth compressing by those who read them.
    pub pack: bool,
    pub tell: Tell<'a>,
    messages: SyncSender<Message>,
    looker: Mutex<Store>,
    /// Whether something was sent since the writer was last known to have nothing to do.
    unsettled: AtomicBool,
    brought: Mutex<Brought>,
    is_asked_to_stop: AtomicBool,
}

impl<'a> StoreKeeper<'a> {
    /// `windows` hold what earlier runs have brought of the same list.
    pub fn new(
        side: Side,
        feed: FeedId,
        looker: Store,
        messages: SyncSender<Message>,
        windows: &[Window],
        tell: Tell<'a>,
    ) -> Result<Self, Failure> {
        let pack = looker.is_first_list(feed)?;
        let before = windows.iter().map(|window| (window.number, window.tally)).collect();
        let brought = Mutex::new(Brought { before, ..Brought::default() });
        let looker = Mutex::new(looker);
        let (unsettled, is_asked_to_stop) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(StoreKeeper { side, feed, pack, tell, messages, looker, unsettled, brought, is_asked_to_stop })
    }

    /// What was brought, each identifier counted once.
    pub fn brought(&self) -> Tally {
        lock(&self.brought).all()
    }

    fn send(&self, message: Message) -> Result<(), Failure> {
        self.unsettled.store(true, Ordering::SeqCst);
        // The writer tells why it ended; this only ends those who would go on reading.
        let gone = |_| stated(Kind::Failed, "the store cannot be written", "is the disk full?");
        self.messages.send(message).map_err(gone)
    }

    fn settle(&self) -> Result<(), Failure> {
        if !self.unsettled.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let (answer, settled) = std::sync::mpsc::sync_channel(1);
        self.send(Message::Flush(answer))?;
        self.unsettled.store(false, Ordering::SeqCst);
        // An answer that never comes means that the writer has ended, which the next sending tells.
        let _ = settled.recv();
        Ok(())
    }

    /// Answers how many identifiers this run had not seen.
    fn count(&self, window: &Window, page: &Page) -> u64 {
        let mut brought = lock(&self.brought);
        let Brought { identifiers, tally, before } = &mut *brought;
        if before.get(&window.number).is_some_and(|earlier| earlier.pages >= window.tally.pages) {
            before.remove(&window.number);
        }
        tally.pages += 1;
        tally.bytes += page.bytes;
        tally.quarantined += page.quarantined.len() as u64;
        let distinct = tally.distinct;
        for record in &page.records {
            if !identifiers.insert(Fingerprint::of(record.identifier.canonical())) {
                continue;
            }
            tally.distinct += 1;
            tally.deleted += u64::from(record.body.is_deleted());
            for repair in record.repairs.iter() {
                tally.repaired[repair as usize] += 1;
            }
        }
        let fresh = tally.distinct - distinct;
        let Tally { pages, distinct: records, .. } = brought.all();
        drop(brought);
        // A total is known only where there is one window.
        let is_alone = window.span.until.is_none() && window.number == 1;
        let complete_list_size = window.evidence.announced.filter(|_| is_alone);
        let news = News::Harvested { side: self.side.as_str(), pages, records, complete_list_size };
        if (self.tell)(news) == Go::Stop {
            self.is_asked_to_stop.store(true, Ordering::SeqCst);
        }
        fresh
    }
}

impl Keeper for StoreKeeper<'_> {
    fn page(&self, window: &Window, page: Page, url: &str) -> Result<u64, Failure> {
        let fresh = self.count(window, &page);
        self.send(Message::Page(Box::new(ReadyPage::new(page, url, window, self.pack))))?;
        Ok(fresh)
    }

    fn windows(&self, windows: &[Window]) -> Result<(), Failure> {
        self.send(Message::Windows(windows.to_vec()))
    }

    fn holds(&self, header: &Record) -> Result<bool, Failure> {
        self.settle()?;
        Ok(lock(&self.looker).holds(self.feed, &header.identifier, &header.datestamp)?)
    }

    fn is_asked_to_stop(&self) -> bool {
        self.is_asked_to_stop.load(Ordering::SeqCst)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
