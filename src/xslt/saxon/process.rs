//! A worker process: started, asked and killed.

use super::find::Launch;
use super::frame::Frame;
use crate::process::start_worker;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ExitStatus};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Who waits for which answer; `None` once no answer will come.
type Waiting = Arc<Mutex<Option<HashMap<u32, Sender<Frame>>>>>;

/// The worker's classes for Java, made from `java/` by `build.sh`.
const CLASSES: &[(&str, &[u8])] = &[
    ("Frames$Frame.class", include_bytes!("classes/cartouche/Frames$Frame.class")),
    ("Frames.class", include_bytes!("classes/cartouche/Frames.class")),
    ("Reader$Refusal.class", include_bytes!("classes/cartouche/Reader$Refusal.class")),
    ("Reader.class", include_bytes!("classes/cartouche/Reader.class")),
    ("Worker$BadParameter.class", include_bytes!("classes/cartouche/Worker$BadParameter.class")),
    ("Worker$Forbidden.class", include_bytes!("classes/cartouche/Worker$Forbidden.class")),
    ("Worker$Silent.class", include_bytes!("classes/cartouche/Worker$Silent.class")),
    ("Worker.class", include_bytes!("classes/cartouche/Worker.class")),
];

/// The exit code by which a worker says that it had too little memory.
const OUT_OF_MEMORY: i32 = 3;
/// What Java and GraalVM say then.
const OUT_OF_MEMORY_WORDS: &str = "OutOfMemoryError";
const LONGEST_LINE: u64 = 64 * 1024;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Death {
    /// It was killed because the answer took too long.
    TimeLimit,
    MemoryLimit,
    /// It ended by itself, or somebody ended it: how, and its last words.
    Ended(String),
}

/// A running worker; killed when it is dropped.
pub(super) struct Process {
    child: Mutex<Child>,
    requests: Sender<Vec<u8>>,
    waiting: Waiting,
    last_words: Mutex<Option<JoinHandle<Words>>>,
    death: Mutex<Option<Death>>,
}

/// A worker that has greeted, its greeting, and the answers that have no request's number.
pub(super) struct Started {
    pub process: Process,
    pub hello: Frame,
    pub conversation: Receiver<Frame>,
}

/// Starts a worker, and waits for its greeting.
pub(super) fn start(launch: &Launch, patience: Duration) -> Result<Started, Death> {
    let not_started = |cause: io::Error| Death::Ended(format!("it cannot be started: {cause}"));
    let classes = Classes::write().map_err(not_started)?;
    let mut arguments: Vec<PathBuf> = launch.arguments.iter().map(PathBuf::from).collect();
    if let Some(jar) = &launch.jar {
        let path = [classes.0.as_os_str(), jar.as_os_str()].join(OsStr::new(":"));
        arguments.extend(["-cp".into(), path.into(), "cartouche.Worker".into()]);
    }
    let (process, conversation) = Process::of(start_worker(launch.program.as_ref(), &arguments).map_err(not_started)?);
    let hello = process.hear(&conversation, patience)?;
    match hello.kind {
        b'H' => Ok(Started { process, hello, conversation }),
        other => Err(Death::Ended(format!("it greets with {other}"))),
    }
}

impl Process {
    fn of(mut child: Child) -> (Process, Receiver<Frame>) {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (speaker, conversation) = channel();
        let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::from([(0, speaker)]))));
        let (requests, to_write) = channel::<Vec<u8>>();
        // Its own thread, because a worker that does not read must not keep anybody from noticing the time.
        thread::spawn(move || write_all(stdin.expect("it is piped"), &to_write));
        let last_words = thread::spawn(move || listen(stderr.expect("it is piped")));
        let askers = waiting.clone();
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout.expect("it is piped"));
            while let Ok(frame) = Frame::read(&mut stdout) {
                let asker = lock(&askers).as_ref().and_then(|waiting| waiting.get(&frame.number).cloned());
                if let Some(asker) = asker {
                    let _ = asker.send(frame); // nobody listens any more when the time is over
                }
            }
            *lock(&askers) = None;
        });
        let (child, last_words) = (Mutex::new(child), Mutex::new(Some(last_words)));
        (Process { child, requests, waiting, last_words, death: Mutex::new(None) }, conversation)
    }

    /// Sends a request and waits for its answer; kills the worker when that takes longer than the limit.
    pub(super) fn ask(&self, request: &Frame, limit: Duration) -> Result<Frame, Death> {
        let (asker, answer) = channel();
        match lock(&self.waiting).as_mut() {
            Some(waiting) => waiting.insert(request.number, asker),
            None => return Err(self.end(None)),
        };
        self.say(request);
        let answer = self.hear(&answer, limit);
        if let Some(waiting) = lock(&self.waiting).as_mut() {
            waiting.remove(&request.number);
        }
        answer
    }

    /// Sends what is no request of its own.
    pub(super) fn say(&self, frame: &Frame) {
        if let Some(bytes) = frame.bytes() {
            let _ = self.requests.send(bytes); // a worker that is gone gives no answer, which is noticed there
        }
    }

    pub(super) fn hear(&self, answers: &Receiver<Frame>, limit: Duration) -> Result<Frame, Death> {
        answers.recv_timeout(limit).map_err(|silence| match silence {
            RecvTimeoutError::Timeout => self.end(Some(Death::TimeLimit)),
            RecvTimeoutError::Disconnected => self.end(None),
        })
    }

    /// Kills the worker and says why it is dead, to the one that asks.
    fn end(&self, cause: Option<Death>) -> Death {
        let mut death = lock(&self.death);
        if let Some(known) = &*death {
            let others = || match known {
                Death::TimeLimit => Death::Ended("it was ended because another record took too long".to_owned()),
                Death::MemoryLimit | Death::Ended(_) => known.clone(),
            };
            return cause.unwrap_or_else(others);
        }
        let mut child = lock(&self.child);
        let _ = child.kill(); // it may be dead already
        let status = child.wait();
        let words = lock(&self.last_words).take().and_then(|listener| listener.join().ok()).unwrap_or_default();
        let cause = cause.unwrap_or_else(|| cause_of(status, &words));
        *death = Some(cause.clone());
        cause
    }

    #[cfg(test)]
    pub(super) fn id(&self) -> u32 {
        lock(&self.child).id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end(Some(Death::Ended("it is not needed any more".to_owned())));
    }
}

fn cause_of(status: io::Result<ExitStatus>, words: &Words) -> Death {
    let how = match status {
        Err(cause) => format!("nobody knows how it ended: {cause}"),
        Ok(status) if status.code() == Some(OUT_OF_MEMORY) => return Death::MemoryLimit,
        Ok(_) if words.out_of_memory => return Death::MemoryLimit,
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("it ended with code {code}"),
            (None, Some(signal)) => format!("it was ended by signal {signal}"),
            (None, None) => "it ended".to_owned(),
        },
    };
    Death::Ended(if words.last.is_empty() { how } else { format!("{how}: {}", words.last) })
}

fn write_all(mut stdin: ChildStdin, requests: &Receiver<Vec<u8>>) {
    while let Ok(bytes) = requests.recv() {
        if stdin.write_all(&bytes).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

/// What of standard error is worth telling.
#[derive(Debug, Default)]
struct Words {
    last: String,
    out_of_memory: bool,
}

/// Reads standard error to its end: Saxon writes each error there too, and must never wait for a reader.
fn listen(stderr: ChildStderr) -> Words {
    let (mut words, mut lines) = (Words::default(), BufReader::new(stderr));
    let mut line = Vec::new();
    while lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        words.out_of_memory |= text.contains(OUT_OF_MEMORY_WORDS);
        if !text.is_empty() {
            words.last = text.chars().take(300).collect();
        }
        line.clear();
    }
    words
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that only we can read, with the classes; gone when the worker has greeted, since it has them by then.
struct Classes(PathBuf);

impl Classes {
    fn write() -> io::Result<Classes> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("cartouche-saxon-{}-{number}", std::process::id()));
        // One that exists is not ours, whoever made it.
        DirBuilder::new().mode(0o700).create(&folder)?;
        let classes = Classes(folder);
        let package = classes.0.join("cartouche");
        fs::create_dir(&package)?;
        for (name, bytes) in CLASSES {
            fs::write(package.join(name), bytes)?;
        }
        Ok(classes)
    }
}

impl Drop for Classes {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
