//! A made-up world: what banks, providers and offices say, file by file.
//!
//! Small on purpose: two organizations that use the same identifiers, a handful of debts and flows
//! each, so that nearly everything is near something else. Amounts are cents, days are of March
//! 2026.

use super::chance::Chance;

/// Two bodies. Nothing of one concerns the other, not even an equal identifier.
pub(super) const ORGANIZATIONS: [&str; 2] = ["01234567897", "00000000018"];
/// The providers.
pub(super) const PROVIDERS: [&str; 2] = ["PSPPROV1", "BCITITMM"];

/// The most lines of a flow: the second telling tries every way to give them to credits.
const LINES_MAX: usize = 7;

/// Everything that is said.
pub(super) struct World {
    /// The files, in no order.
    pub files: Vec<File>,
}

/// A file.
pub(super) struct File {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub organization: usize,
    /// What it says.
    pub content: Content,
}

/// What a file says.
#[derive(Clone)]
pub(super) enum Content {
    Flow(Flow),
    Receipt(Receipt),
    Journal(Vec<Movement>),
    Positions(Vec<Position>),
}

/// A revision of a flow.
#[derive(Clone)]
pub(super) struct Flow {
    pub provider: usize,
    pub iuf: String,
    pub revision: Option<u32>,
    /// Minutes after ten o'clock of 2 March.
    pub minute: u32,
    pub total: i64,
    pub lines: Vec<Line>,
}

/// A line of a flow.
#[derive(Clone)]
pub(super) struct Line {
    pub payment: Paid,
    pub outcome: char,
}

/// A payment: IUV, IUR, cents, day.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Paid {
    pub iuv: u32,
    pub iur: u32,
    pub amount: i64,
    pub day: u32,
}

/// A receipt.
#[derive(Clone)]
pub(super) struct Receipt {
    pub payment: Paid,
    /// Whether it is a `paSendRTV2Request`, which tells more than a `paSendRTReq`.
    pub second: bool,
}

/// What a row of a journal does with a provvisorio.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Executed,
    Reversed,
    Regularised,
    Restored,
}

/// A row of a journal.
#[derive(Clone)]
pub(super) struct Movement {
    pub provvisorio: u32,
    /// The reversale whose row it is; the row of the sospeso where there is none.
    pub order: Option<u32>,
    pub deed: Deed,
    pub amount: i64,
    pub day: u32,
    pub remittance: Remittance,
    pub transfer: u32,
}

/// What a causale names.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Remittance {
    Flow(String),
    Payment(u32),
    Nothing,
}

/// A version of a position.
#[derive(Clone)]
pub(super) struct Position {
    pub id: u32,
    pub version: u32,
    pub cancelled: bool,
    pub notices: Vec<Notice>,
}

/// A notice.
#[derive(Clone)]
pub(super) struct Notice {
    pub iuv: u32,
    pub tier: Tier,
    pub amount: i64,
    /// The last good day.
    pub due: u32,
}

/// Which of the sums that the law allows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    Single,
    Reduced,
    Full,
    Installment(u32),
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed, 1);
        let mut files = Vec::new();
        let bodies = if chance.percent(50) { 2 } else { 1 };
        for organization in 0..bodies {
            let contents = Body::new(&mut chance).contents(&mut chance);
            files.extend(contents.into_iter().enumerate().map(|(number, content)| File {
                name: format!("{organization}/{number:02}"),
                organization,
                content,
            }));
        }
        Self { files }
    }
}

/// One organization while its files are made up.
#[derive(Default)]
struct Body {
    positions: Vec<Position>,
    flows: Vec<Flow>,
    receipts: Vec<Receipt>,
    movements: Vec<Movement>,
    /// Payments that only a receipt tells of.
    unreported: Vec<Paid>,
    provvisori: u32,
}

impl Body {
    fn new(chance: &mut Chance) -> Self {
        let mut body = Self::default();
        let payments = body.owe(chance);
        body.report(chance, payments);
        for flow in 0..body.flows.len() {
            body.credit(chance, flow);
        }
        body.credit_the_rest(chance);
        body
    }

    /// Positions in their versions, and what was paid on their notices and on others.
    fn owe(&mut self, chance: &mut Chance) -> Vec<Paid> {
        let mut notices = Vec::new();
        for id in 1..=chance.between(1, 3) {
            let first = Position { id, version: 1, cancelled: false, notices: debt(chance, id) };
            notices.extend(first.notices.clone());
            let mut latest = first.clone();
            self.positions.push(first);
            for version in 2..=chance.between(1, 3) {
                latest.version = version;
                change(chance, &mut latest);
                notices.extend(latest.notices.last().cloned());
                self.positions.push(latest.clone());
            }
            if chance.percent(15) {
                // The same version with other content: whichever comes first is the one.
                latest.notices[0].amount += 100;
                self.positions.push(latest);
            }
        }
        if chance.percent(15) {
            // A notice that another position claims.
            let claimed = Notice { iuv: 10, tier: Tier::Single, amount: 700, due: 20 };
            let thief = Position { id: 9, version: 1, cancelled: false, notices: vec![claimed] };
            self.positions.push(thief);
        }
        let nobodys = Notice { iuv: 90, tier: Tier::Single, amount: 1300, due: 20 };
        notices.push(nobodys);
        pay(chance, &notices)
    }

    /// Payments into receipts and flows, flows into revisions.
    fn report(&mut self, chance: &mut Chance, payments: Vec<Paid>) {
        let mut flows: Vec<Flow> =
            (1..=chance.between(1, 3)).map(|number| flow(chance, number)).collect();
        for payment in payments {
            let at = chance.below(flows.len());
            let room = flows[at].lines.len() + 1 < LINES_MAX;
            let (received, reported) = (chance.percent(60), chance.percent(80) && room);
            if received || !reported {
                for second in [false, true] {
                    let told = if second { chance.percent(70) } else { chance.percent(30) };
                    if told || second && !reported {
                        self.receipts.push(Receipt { payment: payment.clone(), second });
                    }
                }
            }
            if !reported {
                self.unreported.push(payment);
                continue;
            }
            let outcome = chance.pick(&['0', '0', '0', '0', '9', '8', '4', '3']);
            flows[at].lines.push(Line { payment: payment.clone(), outcome });
            if chance.percent(10) {
                // Once more: in the same flow or in another, taken back or not.
                let outcome = chance.pick(&['0', '3']);
                let again = chance.below(flows.len());
                let at = if flows[again].lines.len() < LINES_MAX { again } else { at };
                flows[at].lines.push(Line { payment, outcome });
            }
        }
        for flow in flows.into_iter().filter(|flow| !flow.lines.is_empty()) {
            self.revise(chance, flow);
        }
    }

    fn revise(&mut self, chance: &mut Chance, mut flow: Flow) {
        let numbered = chance.percent(30);
        for revision in 1..=chance.pick(&[1, 1, 2, 3]) {
            flow.revision = numbered.then_some(revision);
            // Of numbered revisions the highest counts, whatever its time.
            let later = if numbered { chance.between(0, 59) } else { revision * 10 };
            flow.minute = later;
            flow.total = declared(chance, &flow.lines);
            self.flows.push(flow.clone());
            if chance.percent(12) {
                // The same time, other content: whichever comes first is the one.
                let mut other = flow.clone();
                other.lines[0].payment.amount += 1;
                other.total += 1;
                self.flows.push(other);
            }
            if flow.lines.len() > 1 && chance.percent(50) {
                flow.lines.remove(chance.below(flow.lines.len()));
            } else {
                let at = chance.below(flow.lines.len());
                flow.lines[at].payment.amount += 50;
            }
        }
    }

    /// The money of a flow, or of what somebody takes for it.
    fn credit(&mut self, chance: &mut Chance, flow: usize) {
        let (iuf, total) = (self.flows[flow].iuf.clone(), self.flows[flow].total);
        let names = Remittance::Flow(iuf);
        let first_line = self.flows[flow].lines[0].payment.amount;
        let other = self.flows[chance.below(self.flows.len())].total;
        let sums: Vec<i64> = match chance.below(12) {
            0..=2 => vec![total],
            3 => vec![total - first_line, first_line],
            4 => vec![total / 2, total - total / 2],
            5 => vec![first_line],
            6 => vec![total - 1],
            7 => vec![total + 5],
            8 => vec![total, total],
            9 => vec![total + other],
            _ => Vec::new(),
        };
        let transfer = self.provvisori;
        for sum in sums.into_iter().filter(|sum| *sum > 0) {
            self.enter(chance, sum, &names, transfer);
        }
    }

    /// Credits of no flow that is here, of one payment, and of nothing of pagoPA.
    fn credit_the_rest(&mut self, chance: &mut Chance) {
        if chance.percent(30) {
            self.enter(chance, 4321, &Remittance::Flow("2026-03-02PSPPROV1-ELSEWHERE".into()), 70);
        }
        if chance.percent(30) {
            self.enter(chance, 50_000, &Remittance::Nothing, 71);
        }
        if chance.percent(30) {
            self.enter(chance, 1700, &Remittance::Payment(77), 72);
        }
        // A credit for each of some IUVs, of its sum or of another.
        let mut single = self.unreported.clone();
        single.sort_by_key(|payment| payment.iuv);
        single.dedup_by_key(|payment| payment.iuv);
        for payment in single {
            if chance.percent(50) {
                let amount = payment.amount + i64::from(chance.percent(25));
                self.enter(chance, amount, &Remittance::Payment(payment.iuv), 73 + payment.iuv);
            }
        }
    }

    /// A provvisorio and what becomes of it.
    fn enter(&mut self, chance: &mut Chance, amount: i64, remittance: &Remittance, transfer: u32) {
        use Deed::{Executed, Regularised, Restored, Reversed};
        self.provvisori += 1;
        let half = (amount / 2).max(1);
        let history: &[(Option<u32>, Deed, i64)] = match chance.below(14) {
            0 => &[(None, Executed, amount), (None, Reversed, amount)],
            1 => &[(None, Reversed, amount)],
            2 => &[(None, Executed, amount), (None, Reversed, amount), (None, Restored, amount)],
            3 => &[(None, Executed, amount), (Some(7), Executed, amount)],
            4 => &[
                (None, Executed, amount),
                (None, Regularised, amount),
                (Some(7), Regularised, amount),
            ],
            5 => &[(None, Executed, amount), (Some(7), Executed, half)],
            6 => &[
                (None, Executed, amount),
                (Some(7), Executed, half),
                (Some(8), Executed, amount - half),
            ],
            7 => &[
                (None, Executed, amount),
                (Some(7), Executed, amount),
                (Some(7), Reversed, amount),
            ],
            8 => &[(Some(7), Executed, amount)],
            _ => &[(None, Executed, amount)],
        };
        let day = chance.between(3, 9);
        for (later, &(order, deed, amount)) in (0..).zip(history.iter()) {
            self.movements.push(Movement {
                provvisorio: self.provvisori,
                order,
                deed,
                amount,
                day: day + later,
                remittance: remittance.clone(),
                transfer,
            });
        }
    }

    /// Everything in files.
    fn contents(mut self, chance: &mut Chance) -> Vec<Content> {
        let mut contents: Vec<_> = self.flows.into_iter().map(Content::Flow).collect();
        contents.extend(self.receipts.into_iter().map(Content::Receipt));
        chance.shuffle(&mut self.positions);
        while !self.positions.is_empty() {
            let from = self.positions.len() - 1 - chance.below(self.positions.len());
            contents.push(Content::Positions(self.positions.split_off(from)));
        }
        let mut journals = vec![Vec::new(); 1 + chance.below(3)];
        for movement in self.movements {
            let at = chance.below(journals.len());
            journals[at].push(movement.clone());
            if chance.percent(20) {
                // Sent again in another journal.
                let again = (at + 1) % journals.len();
                if again != at {
                    journals[again].push(movement);
                }
            }
        }
        contents.extend(journals.into_iter().map(Content::Journal));
        contents
    }
}

/// The notices of a debt: one sum, the sums of a fine, or a plan.
fn debt(chance: &mut Chance, id: u32) -> Vec<Notice> {
    let amount = i64::from(chance.between(2, 9)) * 500;
    let notice = |place: u32, tier, amount, due| Notice { iuv: id * 10 + place, tier, amount, due };
    match chance.below(3) {
        0 => vec![notice(0, Tier::Single, amount, 20)],
        1 => vec![
            notice(0, Tier::Reduced, amount * 7 / 10, chance.between(1, 9)),
            notice(1, Tier::Full, amount, 25),
        ],
        _ => vec![
            notice(0, Tier::Installment(1), amount, 10),
            notice(1, Tier::Installment(2), amount, 20),
        ],
    }
}

/// What a later version of a position says otherwise.
fn change(chance: &mut Chance, position: &mut Position) {
    match chance.below(4) {
        0 => position.cancelled = !position.cancelled,
        1 => position.notices[0].amount += 150,
        2 => {
            // A new notice in the place of the last; the old one stays the position's.
            let last = position.notices.len() - 1;
            position.notices[last].iuv = position.id * 10 + 5 + position.version;
        }
        _ => position.notices[0].due += 3,
    }
}

/// What was paid: on most notices once, on some twice, now and then another sum.
fn pay(chance: &mut Chance, notices: &[Notice]) -> Vec<Paid> {
    let mut payments: Vec<Paid> = Vec::new();
    for notice in notices {
        for _ in 0..chance.pick(&[0, 1, 1, 1, 2]) {
            let amount = if chance.percent(12) { notice.amount / 2 + 3 } else { notice.amount };
            let iur = u32::try_from(payments.len()).expect("a world is small");
            payments.push(Paid { iuv: notice.iuv, iur, amount, day: chance.between(1, 14) });
        }
    }
    payments
}

fn flow(chance: &mut Chance, number: u32) -> Flow {
    let provider = chance.below(PROVIDERS.len());
    let iuf = format!("2026-03-02{}-{number:09}", PROVIDERS[provider]);
    Flow { provider, iuf, revision: None, minute: 0, total: 0, lines: Vec::new() }
}

/// What a flow says that its lines add up to: mostly with the revoked ones negative.
fn declared(chance: &mut Chance, lines: &[Line]) -> i64 {
    let plain: i64 = lines.iter().map(|line| line.payment.amount).sum();
    let revoked = lines.iter().filter(|line| line.outcome == '3');
    let algebraic = plain - 2 * revoked.map(|line| line.payment.amount).sum::<i64>();
    match chance.below(10) {
        0 => plain.max(0) + 7,
        1 | 2 => plain,
        _ => algebraic.max(0),
    }
}
