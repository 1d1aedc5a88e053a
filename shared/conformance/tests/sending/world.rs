//! A small world: citizens, their positions, and the workers that write to them.

use std::sync::atomic::Ordering;
use std::thread;

use conformance::Memory;
use domain::campaign::{Decision, Kind, Reason};
use domain::identifier::{FiscalCode, OrganizationCode};
use engine::campaign::intent;
use engine::campaign::ledger::Ledger;
use engine::campaign::message::Message;
use engine::campaign::pace::Limits;
use engine::campaign::plan::{RecipientKind, Row};
use engine::campaign::send::{Halt, Run, Sender};
use engine::port::{PortResult, ReadOutcomes};
use engine::seal::Keyring;
use jiff::{SignedDuration, Timestamp};

use crate::gate::{Chance, Gate, WorkerClock};
use crate::io::{Outside, Seen};
use crate::ledger::{self, Fortune};

/// What may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Troubles {
    None,
    All,
    /// IO answers 403 to everything.
    LockedOut,
    /// A run has time for a message or two.
    ShortOfTime,
}

/// A position to write about.
#[derive(Debug, Clone)]
pub struct Target {
    pub position: String,
    pub kind: Kind,
    pub recipient: FiscalCode,
    pub text: String,
    /// When its payment arrives.
    pub paid_at: Option<Timestamp>,
}

pub struct World {
    pub seed: u64,
    pub troubles: Troubles,
    pub organization: OrganizationCode,
    pub targets: Vec<Target>,
    pub thrown_at: Option<Timestamp>,
    pub limits: Limits,
    pub memory: Memory,
    pub seen: Seen,
    workers: usize,
    begins: Timestamp,
}

/// How often a worker that died is started again.
const LIVES: u64 = 3;
/// How often one whose time was up, how much it has, and how many calls a second: enough for its
/// turn to come, and not for all messages.
const SHORT_LIVES: u64 = 9;
const SHORT: SignedDuration = SignedDuration::from_secs(4);
const SHORT_CALLS: u32 = 4;
const PEOPLE: [&str; 3] = ["RSSMRA80A01H501U", "VRDLGI75B02F205T", "BNCNNA90C43L219X"];

impl World {
    pub fn new(seed: u64, troubles: Troubles) -> Self {
        let mut chance = Chance::new(seed);
        let all = troubles == Troubles::All;
        // In one world of ten the office closes during the run.
        let closes = all && chance.permille(100);
        let begins = if closes { "2026-11-20T18:59:50+01:00" } else { "2026-11-20T10:00:00+01:00" };
        let begins: Timestamp = begins.parse().unwrap();
        let soon = |chance: &mut Chance, happens: bool| {
            let after = SignedDuration::from_millis(i64::try_from(chance.below(4_000)).unwrap());
            happens.then_some(begins + after)
        };
        let targets = (0..4 + chance.below(4)).map(|number| {
            // Some texts are the same for two positions of one citizen.
            let text = number - u64::from(all && number > 0 && chance.permille(150));
            let person = PEOPLE[usize::try_from(text % 3).unwrap()];
            let kinds = [Kind::Overdue, Kind::PointsSent];
            let happens = all && chance.permille(200);
            Target {
                position: format!("CDS-{number}"),
                kind: kinds[usize::from(chance.permille(300))],
                recipient: FiscalCode::parse(person).unwrap(),
                text: format!("Testo numero {text}"),
                paid_at: soon(&mut chance, happens),
            }
        });
        let targets = targets.collect();
        let thrown = all && chance.permille(100);
        let thrown_at = soon(&mut chance, thrown);
        let capped = all && chance.permille(150);
        let messages_per_day = if capped { 3 } else { 10_000 };
        Self {
            seed,
            troubles,
            organization: "01234567897".parse().unwrap(),
            targets,
            thrown_at,
            limits: Limits {
                messages_per_day,
                calls_per_second: if troubles == Troubles::ShortOfTime {
                    SHORT_CALLS
                } else {
                    Limits::CALLS_MAX
                },
            },
            memory: Memory::default(),
            seen: Seen::default(),
            workers: 3,
            begins,
        }
    }

    pub fn is_unreachable(&self, recipient: &FiscalCode) -> bool {
        self.troubles == Troubles::All
            && recipient.as_str() == PEOPLE[2]
            && self.seed.is_multiple_of(4)
    }

    /// All workers send the whole plan.
    pub fn run(&self) {
        let gate = Gate::new(self.seed, self.workers, self.begins);
        let short = self.troubles == Troubles::ShortOfTime;
        let lives = if short { SHORT_LIVES } else { LIVES };
        thread::scope(|scope| {
            for worker in 0..self.workers {
                let gate = &gate;
                scope.spawn(move || {
                    gate.enter(worker);
                    for life in 0..lives {
                        if self.live(gate, worker, life) {
                            break;
                        }
                        gate.pass(worker, SignedDuration::from_secs(1));
                    }
                    gate.leave(worker);
                });
            }
        });
    }

    /// A life of a worker, a process of its own; whether it came to its end.
    fn live(&self, gate: &Gate, worker: usize, life: u64) -> bool {
        let seed = self.seed * 100 + u64::try_from(worker).unwrap() * 10 + life;
        let fortune = Fortune::new(gate, worker, seed, self.troubles == Troubles::All);
        let clock = WorkerClock { gate, worker };
        let outside = Outside { world: self, fortune: &fortune };
        let ports = (&outside as _, &clock as _, &outside as _);
        let ring = Keyring::new(&[7; 32]);
        let run = Run::new(&self.organization, &ring, ports, self.limits, None);
        let short = self.troubles == Troubles::ShortOfTime;
        let end = gate.now() + SHORT;
        let run = if short { run.until(end) } else { run };
        let (reader, writer) = ledger::of(&self.memory, &fortune);
        let (mut judge, _) = ledger::of(&self.memory, &fortune);
        let mut sender = Sender::new(&run, Ledger { reader, writer });
        for target in &self.targets {
            let row = self.row(target, Vec::new());
            let mut again = |now| self.judge(&mut judge, target, gate, now).map(Some);
            match sender.deliver(&row, "multe", &mut again) {
                Ok(_) => {}
                Err(Halt::Ledger(_)) if !fortune.is_dead() => return false,
                Err(Halt::TimeUp) => {
                    self.seen.ended.fetch_add(1, Ordering::Relaxed);
                    return false;
                }
                Err(_) => return !fortune.is_dead(),
            }
        }
        true
    }

    /// The judgement of a position, as the plan makes it: from what the ledger says of its
    /// messages, and from what has arrived.
    fn judge(
        &self,
        reader: &mut impl ReadOutcomes,
        target: &Target,
        gate: &Gate,
        _: Timestamp,
    ) -> PortResult<Row> {
        let history = intent::history(reader, &self.organization, &target.position)?;
        let mut reasons = Vec::new();
        if history.iter().any(|sent| sent.state.is_over()) {
            reasons.push(Reason::AlreadySent);
        }
        if target.paid_at.is_some_and(|at| at <= gate.now()) {
            reasons.push(Reason::Paid);
        }
        Ok(self.row(target, reasons))
    }

    fn row(&self, target: &Target, reasons: Vec<Reason>) -> Row {
        Row {
            organization: self.organization.clone(),
            position_id: target.position.as_str().into(),
            kind: target.kind,
            occurrence: "1".into(),
            decision: if reasons.is_empty() { Decision::Send } else { Decision::Exclude },
            reasons,
            recipient: Some(target.recipient.clone()),
            recipient_kind: RecipientKind::Person,
            debt_type: "CDS".into(),
            message: Some(Message {
                subject: "Un messaggio".to_owned(),
                markdown: target.text.clone(),
                due_date: None,
                payment_data: None,
            }),
            template_version: Some("1".into()),
            send_window: None,
            intent_key: target.position.as_str().into(),
            demand: None,
        }
    }
}
